-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the owner of a domain wants done with mail that only pretends to come from it (DMARC).
--
-- Rspamd on its own takes such a wish for a few points of suspicion. Here it is done: refused
-- while the sender can still be told, or put into Junk. A mailing list or forwarder that changes
-- a message makes it look forged; where one we trust vouches for how it came to it (ARC), the
-- message is judged like any other. About mail in the name of our own domains strangers.lua decides.

local forwarders = dofile('/usr/share/freedombox-email/rspamd/forwarders.lua')

local N = 'freedombox_policy'

-- Return the domain whose policy was found to be violated.
local function domain_of(task, name)
  for _, symbol in ipairs(task:get_symbol(name) or {}) do
    for _, option in ipairs(symbol.options or {}) do
      local domain = option:match('^([%w.-]+) : ')
      if domain then
        return domain
      end
    end
  end
  return 'its sender'
end

local function follow(task)
  local ip = task:get_ip()
  if task:get_user() or (ip and ip:is_valid() and ip:is_local())
      or task:get_mempool():get_variable('freedombox_own') or forwarders.is_vouched_for(task) then
    return
  end
  if task:has_symbol('DMARC_POLICY_REJECT') then
    local domain = domain_of(task, 'DMARC_POLICY_REJECT')
    task:set_pre_result {
      action = 'reject',
      message = 'Not proven to come from ' .. domain .. ', which wants such mail refused (DMARC)',
      module = N,
    }
  elseif task:has_symbol('DMARC_POLICY_QUARANTINE') then
    task:set_pre_result { action = 'add header', message = 'DMARC', module = N, flags = 'least' }
  end
end

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_POLICY',
    type = 'postfilter',
    priority = 8,
    callback = follow,
  }
end
