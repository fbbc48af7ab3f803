-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The author of a message from outside as far as that is proven: returns a function from a task to
-- the address in From if SPF or a signature (DKIM) is of its domain and its domain's policy (DMARC)
-- is not violated, else to nil.
--
-- Where a domain has no policy, its name or one above it has to be proven. Other names of what looks
-- like one organisation may belong to others: not all who give out names (dynamic DNS) are in the
-- list of public suffixes.

local util = require 'rspamd_util'
local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')
local signatures = dofile('/usr/share/freedombox-email/rspamd/signatures.lua')

local VIOLATED = {
  'DMARC_POLICY_REJECT', 'DMARC_POLICY_QUARANTINE', 'DMARC_POLICY_SOFTFAIL', 'DMARC_DNSFAIL',
  'DMARC_BAD_POLICY',
}

-- Tell whether a domain speaks for another: it is that one, or above it in the same organisation.
local function speaks_for(one, other)
  one, other = header.fold(one), header.fold(other)
  if one == '' or util.get_tld(one) ~= util.get_tld(other) then
    return false
  end
  return one == other or other:sub(-#one - 1) == '.' .. one
end

-- Tell whether a domain is proven to have sent a message.
local function is_proven(task, domain)
  for _, name in ipairs(VIOLATED) do
    if task:has_symbol(name) then
      return false
    end
  end
  if task:has_symbol('DMARC_POLICY_ALLOW') then
    return true
  end
  local sender = ((task:get_from('smtp') or {})[1] or {}).domain or ''
  if task:has_symbol('R_SPF_ALLOW') and speaks_for(sender, domain) then
    return true
  end
  for _, signer in ipairs(signatures.domains(task, 'R_DKIM_ALLOW')) do
    if speaks_for(signer, domain) then
      return true
    end
  end
  return false
end

-- The address in the one From line of a message, if it is proven.
return function(task)
  local lines = header.lines(task).from
  local addresses = #lines == 1 and header.read(lines[1]) or {}
  if #addresses ~= 1 or not header.agrees(task, addresses) then
    return nil
  end
  local user, domain = addresses[1][1], addresses[1][2]
  if user:find('["%c ]') or not is_proven(task, domain) then
    return nil
  end
  return header.fold(user) .. '@' .. header.fold(domain)
end
