-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Which messages our users sent lately, by Message-ID: the author, the domains they were sent to,
-- and the beginning of the text as a hash. So what comes back from a mailing list that broke the
-- signature is known from what others make up.

local lua_redis = require 'lua_redis'
local hash = require 'rspamd_cryptobox_hash'
local util = require 'rspamd_util'

local N = 'freedombox_sent'
local REMEMBER = 60 * 24 * 3600 -- a moderator may take weeks
local MOST_DOMAINS = 50
local MOST_TEXT = 20000
local MOST_ADDED = 2000

local server

local function hashed(text)
  return hash.create(text):base32():sub(1, 26)
end

local function key_of(task)
  local id = task:get_header('Message-ID')
  if id and #id < 1000 then
    return 'freedombox-sent:' .. hashed(id)
  end
  return nil
end

-- The text of a message without blanks: a list may wrap its lines, or encode it in another way.
local function text_of(task)
  for _, part in ipairs(task:get_text_parts() or {}) do
    local text = tostring(part:get_content() or ''):gsub('%s+', '')
    if text ~= '' then
      return text
    end
  end
  return ''
end

-- The organisational domains a message was sent to, with a blank around each.
local function domains_of(task)
  local found, list = {}, {}
  for _, each in ipairs(task:get_recipients('smtp') or {}) do
    local domain = util.get_tld((each.domain or ''):lower())
    if #list < MOST_DOMAINS and domain and domain ~= '' and not found[domain] then
      found[domain] = true
      list[#list + 1] = domain
    end
  end
  return ' ' .. table.concat(list, ' ') .. ' '
end

local function remember(task, address)
  local key = server and key_of(task)
  if key then
    local text = text_of(task):sub(1, MOST_TEXT)
    local value = table.concat({ address, domains_of(task), #text, hashed(text) }, '\n')
    lua_redis.redis_make_request(task, server, key, true, function() end, 'SETEX',
      { key, tostring(REMEMBER), value })
  end
end

-- What is known of a message. An entry of an earlier version of this app is its author alone.
local function parsed(value)
  local author, domains, length, digest = value:match('^([^\n]*)\n([^\n]*)\n(%d+)\n(%w+)$')
  return { author = author or value, domains = domains or ' ', length = tonumber(length) or -1,
    digest = digest or '' }
end

-- Find what one of us sent under the Message-ID of a message; calls back with it, with nil if there
-- is none, or with nil and true if that is unknown.
local function find(task, callback)
  local key = key_of(task)
  local function answered(err, data)
    callback(not err and type(data) == 'string' and parsed(data) or nil, err ~= nil)
  end
  if not key then
    callback(nil, false)
  elseif not server or
      not lua_redis.redis_make_request(task, server, key, false, answered, 'GET', { key }) then
    callback(nil, true)
  end
end

-- Tell whether a message was sent to a domain, or to one of the same organisation.
local function was_sent_to(known, domain)
  local organisation = util.get_tld(domain:lower())
  return organisation and known.domains:find(' ' .. organisation .. ' ', 1, true) ~= nil
end

-- Tell whether a message has the text that was sent, and not much behind it.
local function has_its_text(task, known)
  local text = text_of(task)
  return known.length > 0 and #text >= known.length and #text <= known.length + MOST_ADDED
    and hashed(text:sub(1, known.length)) == known.digest
end

return {
  configure = function()
    server = lua_redis.parse_redis_server(N)
  end,
  find = find,
  has_its_text = has_its_text,
  remember = remember,
  was_sent_to = was_sent_to,
}
