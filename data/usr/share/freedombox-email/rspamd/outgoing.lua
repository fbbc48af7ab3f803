-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Mail of a user does not tell the world which program they use, nor where they are. None of
-- the headers removed here is ever part of a signature.
--
-- It is never marked or delayed as doubtful either; only what is plainly spam is refused, so
-- that a stolen password does not get the whole box onto block lists.

local secrets = {
  'User-Agent', 'X-Mailer', 'X-Originating-IP', 'X-Originating-Client', 'X-Client-IP',
  'X-Forwarded-For', 'X-Sender-IP', 'X-PHP-Originating-Script', 'X-MimeOLE', 'X-Newsreader',
  'X-Enigmail', 'X-MSMail-Priority', 'X-Roundcube-Version',
}

local doubts = { 'greylist', 'add header', 'rewrite subject' }

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_NO_DOUBT',
    type = 'prefilter',
    priority = 8,
    callback = function(task)
      if task:get_user() then
        for _, action in ipairs(doubts) do
          task:disable_action(action)
        end
      end
    end,
  }

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
