-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Lines a message may have once only (RFC 5322, section 3.6; RFC 2045). A mail program that
-- writes two means something by both, and others show one or the other, or refuse the mail; a
-- signature over them is taken for a wrong one by many. So the user is told at once. From is
-- looked at in senders.lua, Postfix drops Bcc, and mail that only passes through stays as it is.

local once = {
  'To', 'Cc', 'Subject', 'Date', 'Message-ID', 'Sender', 'Reply-To', 'In-Reply-To',
  'References', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding',
}

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_ONCE',
    type = 'prefilter',
    priority = 8,
    flags = 'explicit_disable,ignore_passthrough',
    callback = function(task)
      if not task:get_user() then
        return
      end
      for _, name in ipairs(once) do
        if #(task:get_header_full(name) or {}) > 1 then
          return task:set_pre_result {
            action = 'reject',
            message = 'The message has more than one ' .. name .. ' line',
            module = 'freedombox_once',
          }
        end
      end
    end,
  }
end
