-- SPDX-License-Identifier: AGPL-3.0-or-later
-- When DNS does not answer, do without it instead of waiting for it with every message.
--
-- A message whose sender's name cannot be looked up, or takes long, raises a suspicion.
-- Then names that no cache can hold are asked for (alive.lua): if none is answered, DNS is
-- dead, and whatever needs it is skipped until an answer comes (symbol FREEDOMBOX_DNS_DEAD). Two
-- questions every few seconds find out.

local rspamd_logger = require 'rspamd_logger'
local mempool = require 'rspamd_mempool'
local util = require 'rspamd_util'
local is_alive = dofile('/usr/share/freedombox-email/rspamd/alive.lua')
local unpack = table.unpack or unpack -- moved by Lua 5.2; LuaJIT has the older one

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

return function(domains)
  local _, domain = next(domains)
  if not domain then
    return
  end
  local dead, asking = false, false
  local checks = nil
  local pool = mempool.create()
  local started = {} -- when each message at work was begun

  local function heard(now_dead)
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
    asking = is_alive(domain, function(name, done)
      return rspamd_config:get_resolver():resolve_a {
        mempool = pool,
        name = name,
        callback = function(_, _, _, err) done(err) end,
      }
    end, function(now_dead)
      asking = false
      heard(now_dead)
    end)
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
      is_alive(domain, function(name, done)
        return task:get_resolver():resolve_a {
          task = task,
          name = name,
          forced = true,
          callback = function(_, _, _, err) done(err) end,
        }
      end, function(now_dead)
        heard(now_dead)
        if now_dead then
          go_without(task)
        end
      end)
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
