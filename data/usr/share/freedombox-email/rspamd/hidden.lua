-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Recipients that a message does not name (Bcc) stay hidden from the others. Rspamd names them in
-- a header of all copies, beside the points for not being named; here the points alone are left.

local NAMES = 'FORGED_RECIPIENTS'

local function hide(task)
  local found = (task:get_symbol(NAMES) or {})[1]
  if found and #(found.options or {}) > 0 then
    local weight = found.score ~= 0 and 1.0 or 0.0
    task:remove_result(NAMES)
    task:insert_result(NAMES, weight)
  end
end

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_HIDDEN',
    type = 'postfilter',
    flags = 'ignore_passthrough',
    priority = 10,
    callback = hide,
  }
end
