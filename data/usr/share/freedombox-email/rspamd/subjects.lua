-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Writes the subject of each message into the log, from where it comes into the record of
-- messages (doc/trace.md). Loaded only where an administrator has chosen so.

local logger = require 'rspamd_logger'

local LONGEST = 200

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_SUBJECT',
    type = 'idempotent',
    flags = 'nostat',
    callback = function(task)
      local number, subject = task:get_queue_id(), task:get_subject()
      if number and subject and subject ~= '' then
        local plain = subject:gsub('%c', ' '):sub(1, LONGEST):gsub('[\194-\244][\128-\191]*$', '')
        logger.messagex(task, 'freedombox_subject: <%s> %s', number, plain)
      end
    end,
  }
end
