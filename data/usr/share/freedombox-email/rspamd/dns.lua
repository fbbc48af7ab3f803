-- SPDX-License-Identifier: AGPL-3.0-or-later
-- When DNS does not answer, do without it instead of waiting for it with every message.
--
-- A message whose sender's name cannot be looked up, or takes long, raises a suspicion.
-- Then a name below one of our own domains that nobody can have stored is asked for: if that
-- is not answered either, DNS is dead, and whatever needs it is skipped until an answer comes
-- (symbol FREEDOMBOX_DNS_DEAD). One question every few seconds finds out.

local rspamd_logger = require 'rspamd_logger'
local mempool = require 'rspamd_mempool'
local util = require 'rspamd_util'

local SYMBOL = 'FREEDOMBOX_DNS_DEAD'
local LOOK_EVERY = 1.0
local SLOW = 1.2
local FORGET = 60.0
local NEEDING = {
  'RDNS_CHECK', 'SPF_CHECK', 'DKIM_CHECK', 'DMARC_CHECK', 'ARC_CHECK',
  'HFILTER_CHECK', 'PHISHING', 'FREEDOMBOX_SENDER_DOMAIN',
}

-- Return the names of all checks that ask DNS: those above and every block list.
local function needing_dns(config)
  local names = { unpack(NEEDING) }
  for key, list in pairs((config:get_all_opt('rbl') or {}).rbls or {}) do
    local name = type(list) == 'table' and list.symbol or key:upper()
    names[#names + 1] = name
    names[#names + 1] = name .. '_CHECK'
  end
  return names
end

-- Return a name below a domain that no cache knows.
local function unknown_name(domain)
  return string.format('dns-probe-%x.%s', math.random(0x7fffffff), domain)
end

local function is_silence(err)
  return err ~= nil and err:find('time', 1, true) ~= nil
end

return function(domains)
  local _, domain = next(domains)
  if not domain then
    return
  end
  local dead, asking = false, false
  local checks = nil
  local pool = mempool.create()
  local started = {} -- when each message at work was begun

  local function heard(err)
    local now_dead = is_silence(err)
    if now_dead ~= dead then
      dead = now_dead
      rspamd_logger.warnx(rspamd_config, dead and 'DNS does not answer, going on without it'
        or 'DNS answers again')
    end
  end

  local function ask()
    if asking then
      return
    end
    asking = rspamd_config:get_resolver():resolve_a {
      mempool = pool,
      name = unknown_name(domain),
      callback = function(_, _, _, err)
        asking = false
        heard(err)
      end,
    }
  end

  local function go_without(task)
    checks = checks or needing_dns(rspamd_config)
    for _, name in ipairs(checks) do
      task:disable_symbol(name)
    end
    task:insert_result(SYMBOL, 0.0)
  end

  local id = rspamd_config:register_symbol {
    name = 'FREEDOMBOX_DNS',
    type = 'prefilter',
    priority = 10,
    callback = function(task)
      started[task:get_uid()] = util.get_time()
      if dead then
        go_without(task)
      end
    end,
  }

  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_DNS_SUSPECT',
    type = 'prefilter',
    priority = 6,
    callback = function(task)
      if dead or not task:has_symbol('RDNS_DNSFAIL') then
        return
      end
      task:get_resolver():resolve_a {
        task = task,
        name = unknown_name(domain),
        forced = true,
        callback = function(_, _, _, err)
          heard(err)
          if dead then
            go_without(task)
          end
        end,
      }
    end,
  }

  rspamd_config:register_symbol { name = SYMBOL, type = 'virtual', parent = id }

  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_DNS_DONE',
    type = 'idempotent',
    callback = function(task)
      started[task:get_uid()] = nil
    end,
  }

  -- Tell whether any message has been at work for too long.
  local function is_slow()
    local now = util.get_time()
    for uid, since in pairs(started) do
      if now - since > FORGET then
        started[uid] = nil
      elseif now - since > SLOW then
        return true
      end
    end
    return false
  end

  rspamd_config:add_on_load(function(_, ev_base)
    rspamd_config:add_periodic(ev_base, LOOK_EVERY, function()
      if dead or is_slow() then
        ask()
      end
      return true
    end)
  end)
end
