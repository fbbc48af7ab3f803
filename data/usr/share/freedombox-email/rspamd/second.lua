-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A message for several mailboxes is judged twice: when it comes, without a memory of its own, and
-- at delivery to each mailbox, by the memory of that one. A line of ours carries the score of the
-- first look to the second, without the shared memory's part, which the second look finds anew.
-- A line of this name that came with a message is removed, from all mail, so it can't be forged.
--
-- The second look is asked for by filtering/judge.py, by a settings id that mail never has. Only the
-- symbols in config/rspamd.py are tried then.

local is_from_outside = dofile('/usr/share/freedombox-email/rspamd/from_outside.lua')

local ENDS = 'freedombox_ends'
local NAME = 'X-FreedomBox-Score'
local SECOND = 'freedombox_second'
local SHARED = { 'BAYES_SPAM', 'BAYES_HAM' }
local MOST = 1000

-- Tell whether a message goes to several mailboxes, of which one has a memory.
local function has_several(task)
  local seen, count, has_memory = {}, 0, false
  for _, ends in pairs(task:cache_get(ENDS) or {}) do
    for _, address in ipairs(ends.inside) do
      if not seen[address] then
        seen[address] = true
        count = count + 1
        has_memory = has_memory or (ends.memories[address] or '') ~= ''
      end
    end
  end
  return count > 1 and has_memory
end

-- The score of a message without what the shared memory added.
local function score(task)
  local found = (task:get_metric_score() or {})[1] or 0
  for _, symbol in ipairs(task:get_symbols_all()) do
    for _, name in ipairs(SHARED) do
      if symbol.name == name then
        found = found - symbol.score
      end
    end
  end
  return found
end

local function is_second(task)
  return tostring(task:get_request_header('Settings-ID') or '') == SECOND
end

local function note(task)
  local reply = {}
  if task:has_header(NAME) then
    reply.remove_headers = { [NAME] = 0 }
  end
  if is_from_outside(task) and has_several(task) then
    reply.add_headers = { [NAME] = { value = string.format('%.2f', score(task)), order = 1 } }
  end
  if next(reply) then
    task:set_milter_reply(reply)
  end
end

-- Take up the score of the first look.
local function take_up(task)
  local first = is_second(task) and tonumber(task:get_header(NAME) or '')
  if first and math.abs(first) < MOST then
    task:insert_result('FREEDOMBOX_FIRST', first)
  end
end

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_SEVERAL',
    type = 'idempotent',
    callback = note,
  }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_FIRST',
    type = 'normal',
    score = 1.0,
    group = 'freedombox',
    callback = take_up,
  }
end
