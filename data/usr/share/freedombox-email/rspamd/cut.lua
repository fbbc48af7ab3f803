-- SPDX-License-Identifier: AGPL-3.0-or-later
-- When a filter sees mail, Postfix leaves out the lines with which a field of the header would have
-- more than 60,000 bytes, and does not tell; it reads lines in pieces of 2,048. So a user who hands
-- in a message with such a field is told at once. In mail from outside the rest of the field is gone,
-- and the body is whole.

local MOST = 57000

-- Tell whether a field of a raw header is longer than Postfix leaves it.
local function is_cut(header)
  local length = 0
  for line in header:gmatch('[^\n]*\n?') do
    local first = line:sub(1, 1)
    length = (first == ' ' or first == '\t') and length + #line or #line
    if length > MOST then
      return true
    end
  end
  return false
end

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_CUT',
    type = 'prefilter',
    priority = 8,
    flags = 'explicit_disable,ignore_passthrough',
    callback = function(task)
      if task:get_user() and is_cut(tostring(task:get_raw_headers() or '')) then
        return task:set_pre_result {
          action = 'reject',
          message = 'A field of the header is longer than 57,000 bytes',
          module = 'freedombox_cut',
        }
      end
    end,
  }
end
