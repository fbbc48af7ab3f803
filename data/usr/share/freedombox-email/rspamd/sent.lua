-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Which messages our users sent lately, by Message-ID and author, so that what comes back from a
-- mailing list that broke the signature is known from what others make up.

local lua_redis = require 'lua_redis'
local hash = require 'rspamd_cryptobox_hash'

local N = 'freedombox_sent'
local REMEMBER = 14 * 24 * 3600

local server

local function key_of(task)
  local id = task:get_header('Message-ID')
  if id and #id < 1000 then
    return 'freedombox-sent:' .. hash.create(id):base32():sub(1, 26)
  end
  return nil
end

-- Tell whether one of us sent this message as an address; calls back with yes or no.
local function was_sent(task, address, callback)
  local key = server and key_of(task)
  local function answered(err, author)
    callback(not err and author == address)
  end
  if not key or
      not lua_redis.redis_make_request(task, server, key, false, answered, 'GET', { key }) then
    callback(false)
  end
end

local function remember(task, address)
  local key = server and key_of(task)
  if key then
    lua_redis.redis_make_request(task, server, key, true, function() end, 'SETEX',
      { key, tostring(REMEMBER), address })
  end
end

return {
  configure = function()
    server = lua_redis.parse_redis_server(N)
  end,
  remember = remember,
  was_sent = was_sent,
}
