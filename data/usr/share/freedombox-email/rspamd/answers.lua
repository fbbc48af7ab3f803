-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The answers that end the look at a message. Returns a function from the name of a module, which
-- Rspamd notes with them, to the two functions that refuse a message and that have it come again.

return function(module)
  local function answer(action)
    return function(task, reason)
      task:set_pre_result { action = action, message = reason, module = module }
    end
  end

  return answer('reject'), answer('soft reject')
end
