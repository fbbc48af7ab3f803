-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Ask our service for the sender of a message that is passed on (sending/srs.py), by the protocol
-- of Postfix's socketmap_table(5): netstrings. The service ends the answer as a line, for there is
-- no other sign that is not part of an address. An answer counts for an hour: its code holds for two
-- weeks, and the same people write again and again.

local rspamd_tcp = require 'rspamd_tcp'
local util = require 'rspamd_util'

local SOCKET = '/run/freedombox-email-srs.sock'
local TIMEOUT = 5.0
local REMEMBER = 3600
local MOST = 1000

local known, count, since = {}, 0, 0

local function netstring(text)
  return string.format('%d:%s,', #text, text)
end

local function recall(question)
  local now = util.get_time()
  if now - since > REMEMBER or count >= MOST then
    known, count, since = {}, 0, now
  end
  return known[question]
end

local function note(question, made)
  if made and not known[question] then
    known[question] = made
    count = count + 1
  end
  return made
end

-- Calls back with the new sender, or nil if it cannot be had now.
return function(task, domain, is_proven, sender, callback)
  local how = is_proven and 'proven' or 'unproven'
  local question = table.concat({ 'forward', domain, how, sender }, ' ')
  local made = recall(question)
  if made then
    return callback(made)
  end

  local function answered(err, data, connection)
    if connection then
      connection:close()
    end
    callback(note(question, not err and tostring(data):match('^%d+:OK (.+)$') or nil))
  end

  local started = rspamd_tcp.request {
    task = task,
    host = SOCKET,
    port = 0,
    timeout = TIMEOUT,
    data = netstring(question),
    stop_pattern = '\n',
    callback = answered,
  }
  if not started then
    callback(nil)
  end
end
