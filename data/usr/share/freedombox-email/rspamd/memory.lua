-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The memory by which a message is judged: that of the mailbox it goes to, or the one all share.
--
-- A message whose recipients all come to one mailbox is judged by that mailbox's own memory as soon
-- as it knows a few messages of each kind, and by the shared one too until it knows many. A memory
-- that knows too little is not asked at all: Rspamd would look up each word and use no answer. Whose
-- memory it is comes from the directory, never from the message. To learn, the controller's local
-- client names a memory in a line of its request.
--
-- The shared memory learns on its own: what block lists had refused, and proven answers to mail of
-- our users.

local lua_redis = require 'lua_redis'
local util = require 'rspamd_util'

local N = 'freedombox_memory'
local ENDS, NAME = 'freedombox_ends', 'freedombox_memory_name'
local REQUEST_LINE = 'Memory'
local NO_MEMORY = 'none' -- never empty: Rspamd would take the recipient in its place
local KEY = 'RS' -- with which Rspamd's names of statistics begin, and all of the shared ones
local BELIEVED = 30 -- seconds
local LEAST = { own = 5, shared = 200 }
local SYMBOLS = { own = 'FREEDOMBOX_OWN_', shared = 'BAYES_' }
local LIST_GROUPS = { rbl = true, surbl = true }
local LIST_SCORE = 4.0

local is_from_outside = dofile('/usr/share/freedombox-email/rspamd/from_outside.lua')

local server
local known = {} -- from the key of a memory to when it was looked at, and what it knows

local function is_name(text)
  return #text == 32 and text:match('^[0-9a-f]+$') ~= nil
end

-- The memory of the one mailbox to which a message goes, nil if there are others.
local function owner(task)
  local found
  for _, ends in pairs(task:cache_get(ENDS) or {}) do
    if not ends.is_whole then
      return nil
    end
    for _, address in ipairs(ends.inside) do
      local name = ends.memories[address] or ''
      if not is_name(name) or (found and found ~= name) then
        return nil
      end
      found = name
    end
  end
  return found
end

-- Call back with the least number of messages a memory knows of one kind, 0 while that is unknown.
local function count(task, key, callback)
  local now, kept = util.get_time(), known[key]
  if kept and now - kept.at < BELIEVED then
    return callback(kept.number)
  end
  local function answered(err, data)
    local number = 0
    if not err and type(data) == 'table' then
      number = math.min(tonumber(data[1]) or 0, tonumber(data[2]) or 0)
      known[key] = { at = now, number = number }
    end
    callback(number)
  end
  if not server or not lua_redis.redis_make_request(task, server, key, false, answered, 'HMGET',
      { key, 'learns_ham', 'learns_spam' }) then
    callback(0)
  end
end

local function leave_out(task, kind)
  task:disable_symbol(SYMBOLS[kind] .. 'SPAM')
  task:disable_symbol(SYMBOLS[kind] .. 'HAM')
end

-- Have those memories asked that know enough.
local function choose(task)
  local name = not task:get_user() and owner(task)
  if name then
    task:get_mempool():set_variable(NAME, name)
  end
  local function choose_shared(own)
    if own < LEAST.own then
      leave_out(task, 'own')
    end
    if own >= LEAST.shared then
      return leave_out(task, 'shared')
    end
    count(task, KEY, function(number)
      if number < LEAST.shared then
        leave_out(task, 'shared')
      end
    end)
  end
  if name then
    count(task, KEY .. name, choose_shared)
  else
    choose_shared(0)
  end
end

-- The name of the memory a message is judged by, or is to be learned in.
local function name_of(task)
  local asked = tostring(task:get_request_header(REQUEST_LINE) or '')
  if is_name(asked) then
    return asked
  end
  return task:get_mempool():get_variable(NAME) or NO_MEMORY
end

-- Let a memory of a mailbox learn what its owner has moved, also what it would have guessed.
local function may_learn(task)
  return is_name(tostring(task:get_request_header(REQUEST_LINE) or '')), 'no memory is named'
end

-- The part of a score that comes from block lists.
local function score_of_lists(task)
  local sum = 0
  for _, symbol in ipairs(task:get_symbols_all()) do
    for _, group in ipairs(symbol.groups or {}) do
      if LIST_GROUPS[group] then
        sum = sum + math.max(symbol.score, 0)
        break
      end
    end
  end
  return sum
end

-- What the shared memory learns from a message: 'spam', 'ham' or nothing.
local function autolearn(task)
  if not is_from_outside(task) then
    return nil
  end
  local action = task:get_metric_action()
  if action == 'reject' and score_of_lists(task) >= LIST_SCORE then
    return 'spam'
  elseif action == 'no action' and task:has_symbol('REPLY')
      and task:has_symbol('DMARC_POLICY_ALLOW') then
    return 'ham'
  end
  return nil
end

return {
  autolearn = autolearn,
  may_learn = may_learn,
  name_of = name_of,
  configure = function()
    server = lua_redis.parse_redis_server(N)
    rspamd_config:register_symbol {
      name = 'FREEDOMBOX_MEMORY',
      type = 'callback',
      flags = 'empty',
      callback = choose,
    }
    rspamd_config:register_dependency('FREEDOMBOX_MEMORY', 'FREEDOMBOX_FORWARDS')
  end,
}
