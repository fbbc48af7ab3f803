-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What a user sends does not tell the world which program he uses, nor where he is.
-- Signing happens on what is left: none of these headers is ever part of a signature.

local secrets = {
  'User-Agent', 'X-Mailer', 'X-Originating-IP', 'X-Originating-Client', 'X-Client-IP',
  'X-Forwarded-For', 'X-Sender-IP', 'X-PHP-Originating-Script', 'X-MimeOLE', 'X-Newsreader',
  'X-Enigmail', 'X-MSMail-Priority', 'X-Roundcube-Version',
}

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_PRIVACY',
    type = 'idempotent',
    callback = function(task)
      if not task:get_user() then
        return
      end
      local remove = {}
      for _, name in ipairs(secrets) do
        if task:has_header(name) then
          remove[name] = 0
        end
      end
      if next(remove) then
        task:set_milter_reply { remove_headers = remove }
      end
    end,
  }
end
