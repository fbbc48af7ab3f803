-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Suspicious mail of senders that are not known yet has to come again after a minute (greylisting),
-- which programs of spammers seldom do. In the place of Rspamd's own module, which asks Redis about
-- each message, and cannot know what the recipients of this one want.
--
-- It is known again by its text, or by its sender and network. Never has to wait: mail of a sender
-- that a recipient wrote to, or that answers them; a code to sign in from a domain that is proven
-- (DMARC); a sender that a list allows, or that a recipient lets in; and all mail while greylisting is
-- turned off for the box.

local lua_redis = require 'lua_redis'
local hash = require 'rspamd_cryptobox_hash'
local util = require 'rspamd_util'
local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')
local is_from_outside = dofile('/usr/share/freedombox-email/rspamd/from_outside.lua')
local correspondents = dofile('/usr/share/freedombox-email/rspamd/correspondents.lua')
local brings_code = dofile('/usr/share/freedombox-email/rspamd/sign_in_codes.lua')

local N, SYMBOL = 'freedombox_greylist', 'GREYLIST'
local ENDS, SPARED = 'freedombox_ends', 'freedombox_not_greylisted'
local SUSPICIOUS = { greylist = true, ['add header'] = true, ['rewrite subject'] = true }
local WAIT, REMEMBER = 60, 24 * 3600 -- seconds
local MOST_TEXT = 10240
local NETWORK = { [4] = 19, [6] = 64 } -- bits

local server

local function envelope(task)
  local all = { header.fold(((task:get_from { 'smtp', 'orig' } or {})[1] or {}).addr or '') }
  local names = correspondents.recipients(task)
  table.sort(names)
  for _, each in ipairs(names) do
    all[#all + 1] = each
  end
  return table.concat(all, '\n')
end

local function key_of(kind, ...)
  return 'rg' .. kind .. hash.create(table.concat({ ... }, '\n')):base32():sub(1, 20)
end

-- The two names by which a message is known again.
local function keys(task)
  local ip, around = task:get_ip(), envelope(task)
  local network = ip:apply_mask(NETWORK[ip:get_version()]):to_string()
  local text = tostring(task:get_rawbody() or ''):sub(1, MOST_TEXT)
  return { key_of('b', around, task:get_subject() or '', text), key_of('m', around, network) }
end

local function entries_of(task)
  local found, names, settings = {}, correspondents.recipients(task), {}
  for _, ends in pairs(task:cache_get(ENDS) or {}) do
    settings = ends.settings or settings
    for address, entry in pairs(ends.entries) do
      found[#found + 1] = entry
      names[#names + 1] = address
    end
  end
  return found, names, settings
end

-- Tell whether a recipient lets the sender in for now: `ADDRESS UNTIL`, in seconds of Unix.
local function is_let_in(task, entries)
  local now, senders = util.get_time(), {}
  for _, kind in ipairs { 'smtp', 'mime' } do
    for _, each in ipairs(task:get_from { kind, 'orig' } or {}) do
      senders[header.fold(each.addr or '')] = true
    end
  end
  for _, entry in ipairs(entries) do
    for _, value in ipairs(entry.fbxMailLetIn or {}) do
      local address, ending = value:match('^(%S+) (%d+)$')
      if address and senders[header.fold(address)] and now < tonumber(ending) then
        return true
      end
    end
  end
  return false
end

-- Why a message does not have to wait, as far as that is known without Redis; nil if it may have to.
local function reason_not_to(task, entries, settings)
  local spared = task:get_mempool():get_variable(SPARED)
  if spared then
    return spared
  elseif ((settings.fbxMailGreylisting or {})[1] or ''):upper() == 'FALSE' then
    return 'off'
  elseif task:has_symbol('REPLY') then
    return 'reply'
  elseif is_let_in(task, entries) then
    return 'let in'
  elseif task:has_symbol('DMARC_POLICY_ALLOW') and brings_code(task) then
    return 'code'
  end
  return nil
end

local function pass(task, reason)
  task:disable_action('greylist')
  task:insert_result(SYMBOL, 0.0, 'pass', reason)
end

local function hold(task, reason)
  task:insert_result(SYMBOL, 0.0, 'greylisted', reason)
  task:set_flag('greylisted')
  task:set_pre_result { action = 'soft reject', message = 'Try again later', module = N }
end

local function write(task, names, command, arguments, callback)
  for index, name in ipairs(names) do
    local given = { name, tostring(REMEMBER), arguments }
    local done = index == #names and callback or function() end
    lua_redis.redis_make_request(task, server, name, true, done, command, given)
  end
end

-- Hold a message that comes for the first time, or too soon again.
local function judge(task, names, first)
  local now, oldest = math.floor(util.get_time()), nil
  for _, value in ipairs(first) do
    local at = type(value) == 'string' and tonumber(value) or nil
    oldest = at and math.min(oldest or at, at) or oldest
  end
  if not oldest then
    return write(task, names, 'SETEX', string.format('%d', now), function(err)
      if err then -- Redis is full: it would never be known again
        return pass(task, 'not noted')
      end
      hold(task, 'new')
    end)
  elseif now - oldest < WAIT then
    return hold(task, 'too early')
  end
  pass(task, 'came again')
  write(task, names, 'EXPIRE')
end

local function check(task)
  if not is_from_outside(task) or task:get_ip():is_local() or task:has_pre_result()
      or not SUSPICIOUS[task:get_metric_action()] then
    return
  end
  local entries, mailboxes, settings = entries_of(task)
  local reason = reason_not_to(task, entries, settings)
  if reason then
    return pass(task, reason)
  end
  correspondents.is_known(task, mailboxes, function(known)
    if known then
      return pass(task, 'wrote to them')
    end
    local names = keys(task)
    lua_redis.redis_make_request(task, server, names[1], false, function(err, data)
      if not err and type(data) == 'table' then
        judge(task, names, data)
      end
    end, 'MGET', names)
  end)
end

return function()
  server = lua_redis.parse_redis_server(N)
  correspondents.configure()
  if not server then
    return
  end
  local id = rspamd_config:register_symbol {
    name = 'FREEDOMBOX_GREYLIST',
    type = 'postfilter',
    priority = 5,
    callback = check,
  }
  rspamd_config:register_symbol { name = SYMBOL, type = 'virtual', parent = id, score = 0 }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_CORRESPONDENTS',
    type = 'idempotent',
    callback = function(task)
      if task:get_user() then
        correspondents.note(task)
      end
    end,
  }
end
