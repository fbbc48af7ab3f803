-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Whom the owners of mailboxes here wrote to, for half a year after the last time. Addresses are
-- kept as hashes. Returns two functions, which note the recipients of a message that a user sends,
-- and tell whether one of its recipients wrote to its sender before.

local lua_redis = require 'lua_redis'
local hash = require 'rspamd_cryptobox_hash'
local util = require 'rspamd_util'
local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')

local N = 'freedombox_correspondents'
local PREFIX = 'freedombox-wrote-to:'
local REMEMBER = 183 * 24 * 3600
local MOST_KEPT = 2000
local MOST_AT_ONCE = 50
local unpack = table.unpack or unpack -- moved by Lua 5.2; LuaJIT has the older one

local server

-- An address without its label, as a hash.
local function hashed(address)
  local user, domain = header.fold(address):match('^(.*)@([^@]*)$')
  if not user then
    return nil
  end
  return hash.create((user:match('^([^+]+)%+') or user) .. '@' .. domain):base32():sub(1, 26)
end

local function hashes(list)
  local found, seen = {}, {}
  for _, address in ipairs(list) do
    local each = hashed(address)
    if each and not seen[each] and #found < MOST_AT_ONCE then
      seen[each] = true
      found[#found + 1] = each
    end
  end
  return found
end

local function ask(task, key, is_write, callback, command, arguments)
  if not server then
    return false, nil
  end
  return lua_redis.redis_make_request(task, server, key, is_write, callback, command, arguments)
end

local function senders(task)
  local found = {}
  for _, kind in ipairs { 'smtp', 'mime' } do
    for _, each in ipairs(task:get_from { kind, 'orig' } or {}) do
      found[#found + 1] = each.addr or ''
    end
  end
  return hashes(found)
end

local function recipients(task)
  local found = {}
  for _, each in ipairs(task:get_recipients { 'smtp', 'orig' } or {}) do
    found[#found + 1] = each.addr or ''
  end
  return found
end

local function note(task)
  local now, values = string.format('%d', util.get_time()), {}
  for _, each in ipairs(hashes(recipients(task))) do
    values[#values + 1] = now
    values[#values + 1] = each
  end
  for _, author in ipairs(#values > 0 and senders(task) or {}) do
    local key = PREFIX .. author
    local done, connection = ask(task, key, true, function() end, 'ZADD', { key, unpack(values) })
    if done then
      connection:add_cmd('ZREMRANGEBYRANK', { key, '0', tostring(-MOST_KEPT - 1) })
      connection:add_cmd('EXPIRE', { key, tostring(REMEMBER) })
    end
  end
end

-- Call back with whether one of the mailboxes or recipients wrote to a sender of the message.
local function is_known(task, mailboxes, callback)
  local others, asked, waiting, found = senders(task), hashes(mailboxes), 0, false
  local function answered(err, data)
    waiting = waiting - 1
    for _, score in ipairs(not err and type(data) == 'table' and data or {}) do
      found = found or type(score) == 'string' or type(score) == 'number'
    end
    if waiting == 0 then
      callback(found)
    end
  end
  if #others == 0 or #asked == 0 then
    return callback(false)
  end
  waiting = #asked
  for _, each in ipairs(asked) do
    local key = PREFIX .. each
    if not ask(task, key, false, answered, 'ZMSCORE', { key, unpack(others) }) then
      answered('not asked')
    end
  end
end

return {
  configure = function() server = lua_redis.parse_redis_server(N) end,
  is_known = is_known,
  note = note,
  recipients = recipients,
}
