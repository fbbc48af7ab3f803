-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Notes in each message from outside whose it is as far as that is proven (proven_author.lua), for
-- the scripts of guarded mailboxes: an address, or `unverified`. A line of this name that came with
-- a message is removed, from all mail.

local is_from_outside = dofile('/usr/share/freedombox-email/rspamd/from_outside.lua')
local proven_author = dofile('/usr/share/freedombox-email/rspamd/proven_author.lua')

local NAME = 'X-FreedomBox-Author'
local UNVERIFIED = 'unverified'

local function note(task)
  local reply = {}
  if task:has_header(NAME) then
    reply.remove_headers = { [NAME] = 0 }
  end
  if is_from_outside(task) then
    reply.add_headers = { [NAME] = { value = proven_author(task) or UNVERIFIED, order = 1 } }
  end
  if next(reply) then
    task:set_milter_reply(reply)
  end
end

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_AUTHOR',
    type = 'idempotent',
    callback = note,
  }
end
