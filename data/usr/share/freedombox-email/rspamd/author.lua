-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Notes in each message from outside whose it is as far as that is proven, for the scripts of
-- guarded mailboxes: the address in From if SPF or a signature (DKIM) is of its domain and its
-- domain's policy (DMARC) is not violated, else `unverified`. A line of this name that came with a
-- message is removed, from all mail.

local util = require 'rspamd_util'
local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')
local is_from_outside = dofile('/usr/share/freedombox-email/rspamd/from_outside.lua')
local signatures = dofile('/usr/share/freedombox-email/rspamd/signatures.lua')

local NAME = 'X-FreedomBox-Author'
local UNVERIFIED = 'unverified'
local VIOLATED = {
  'DMARC_POLICY_REJECT', 'DMARC_POLICY_QUARANTINE', 'DMARC_POLICY_SOFTFAIL', 'DMARC_DNSFAIL',
  'DMARC_BAD_POLICY',
}

-- Tell whether two domains are of one organisation, as DMARC compares them.
local function is_aligned(one, other)
  return one ~= '' and util.get_tld(header.fold(one)) == util.get_tld(header.fold(other))
end

-- Tell whether a domain is proven to have sent a message.
local function is_proven(task, domain)
  for _, name in ipairs(VIOLATED) do
    if task:has_symbol(name) then
      return false
    end
  end
  local sender = ((task:get_from('smtp') or {})[1] or {}).domain or ''
  if task:has_symbol('R_SPF_ALLOW') and is_aligned(sender, domain) then
    return true
  end
  for _, signer in ipairs(signatures.domains(task, 'R_DKIM_ALLOW')) do
    if is_aligned(signer, domain) then
      return true
    end
  end
  return false
end

-- The address in the one From line of a message, if it is proven.
local function author(task)
  local lines = header.lines(task).from
  local addresses = #lines == 1 and header.read(lines[1]) or {}
  if #addresses ~= 1 or not header.agrees(task, addresses) then
    return UNVERIFIED
  end
  local user, domain = addresses[1][1], addresses[1][2]
  if user:find('["%c ]') or not is_proven(task, domain) then
    return UNVERIFIED
  end
  return header.fold(user) .. '@' .. header.fold(domain)
end

local function note(task)
  local reply = {}
  if task:has_header(NAME) then
    reply.remove_headers = { [NAME] = 0 }
  end
  if is_from_outside(task) then
    reply.add_headers = { [NAME] = { value = author(task), order = 1 } }
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
