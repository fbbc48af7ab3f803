-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Senders that a person, or an administrator for all, always or never accepts, and the score from
-- which mail is junk.
--
-- The lists and the score of a person count while all copies of a message end in their mailbox, or
-- they would decide on mail of others. The lists for all count for each message. A person's own list
-- wins over that for all, and in a list an address over its domain, and a domain over the one above it.
--
-- To allow a sender needs a proof: anyone can write any address into From. To deny one needs none.

local answers = dofile('/usr/share/freedombox-email/rspamd/answers.lua')
local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')
local is_from_outside = dofile('/usr/share/freedombox-email/rspamd/from_outside.lua')
local proven_author = dofile('/usr/share/freedombox-email/rspamd/proven_author.lua')

local N = 'freedombox_lists'
local ENDS, SPARED = 'freedombox_ends', 'freedombox_not_greylisted'
local ALLOWED = 'FREEDOMBOX_ALLOWED'
local ALLOWED_SCORE = -100.0
local ADDRESS = 1000 -- weighs more than any domain, which has 253 letters at most
local LEAST, MOST = 2, 14
local SCORED = { ['no action'] = true, greylist = true }

local refuse = answers(N)

-- How closely an entry of a list names an address: 0 for not at all.
local function weight(entry, address)
  entry = header.fold(entry)
  if entry:find('@', 1, true) then
    return entry == address and ADDRESS or 0
  end
  local domain = address:match('@([^@]*)$') or ''
  if domain == entry or domain:sub(-#entry - 1) == '.' .. entry then
    return #entry
  end
  return 0
end

-- The weight of the entry of a list that names one of some addresses most closely.
local function closest(list, addresses)
  local most = 0
  for _, entry in ipairs(list or {}) do
    for _, address in ipairs(addresses) do
      most = math.max(most, weight(entry, address))
    end
  end
  return most
end

-- The addresses a message says it is from, in its envelope and in From.
local function claimed(task)
  local found = {}
  for _, kind in ipairs { 'smtp', 'mime' } do
    for _, each in ipairs(task:get_from(kind) or {}) do
      if (each.addr or '') ~= '' then
        found[#found + 1] = header.fold(each.addr)
      end
    end
  end
  return found
end

-- What the lists of an entry say of a message: 'allow', 'deny' or nil.
local function verdict_of(entry, author, addresses)
  local allowed = author and closest(entry.fbxMailAllowedSender, { author }) or 0
  local denied = closest(entry.fbxMailDeniedSender, addresses)
  if allowed == 0 and denied == 0 then
    return nil
  end
  return allowed >= denied and 'allow' or 'deny'
end

-- The entry of the one mailbox where all copies of a message end, nil if there are others; and the
-- settings for all.
local function entries_of(task)
  local one, settings, is_one = nil, {}, true
  for _, ends in pairs(task:cache_get(ENDS) or {}) do
    settings = ends.settings or settings
    is_one = is_one and ends.is_whole and #ends.outside == 0
    for address, entry in pairs(ends.entries) do
      is_one = is_one and (not one or one.address == address)
      one = { address = address, entry = entry }
    end
  end
  return is_one and one and one.entry or nil, settings
end

local function verdict(task, author)
  local own, settings = entries_of(task)
  local addresses = claimed(task)
  return own and verdict_of(own, author, addresses) or verdict_of(settings, author, addresses)
end

-- Refuse a denied sender at once. Whom a list could allow is looked at to the end, or a message that
-- has many points would be refused before its sender is proven.
local function look(task)
  if not is_from_outside(task) then
    return
  end
  local own, settings = entries_of(task)
  local addresses = claimed(task)
  for _, entry in ipairs { own or settings, settings } do
    if closest(entry.fbxMailAllowedSender, addresses) > 0 then
      return task:set_flag('pass_all')
    end
  end
  if verdict(task, nil) == 'deny' then
    refuse(task, 'The recipient does not accept mail from this sender')
  end
end

-- Decide by the lists once it is known whether the author is proven.
local function decide(task)
  if not is_from_outside(task) then
    return
  end
  local found = verdict(task, proven_author(task))
  if found == 'deny' then
    refuse(task, 'The recipient does not accept mail from this sender')
  elseif found == 'allow' then
    task:insert_result(ALLOWED, 1.0)
    task:get_mempool():set_variable(SPARED, 'allowed')
  end
end

-- The score from which a message is junk, nil for the usual one.
local function junk_score(task)
  local own, settings = entries_of(task)
  for _, entry in ipairs { own or settings, settings } do
    local score = tonumber((entry.fbxMailJunkScore or {})[1])
    if score and score >= LEAST and score <= MOST then
      return score
    end
  end
  return nil
end

-- Have more mail taken for good than usual, before greylisting looks at it.
local function be_lenient(task)
  local limit = junk_score(task)
  if limit and task:get_metric_score()[1] < limit then
    task:disable_action('add header')
    task:disable_action('rewrite subject')
  end
end

-- Put more mail into Junk than usual, after greylisting.
local function be_strict(task)
  local limit = is_from_outside(task) and junk_score(task)
  if limit and SCORED[task:get_metric_action()] and task:get_metric_score()[1] >= limit then
    task:set_pre_result {
      action = 'add header', message = 'Over the chosen score', module = N, flags = 'least',
    }
  end
end

return function()
  local id = rspamd_config:register_symbol {
    name = 'FREEDOMBOX_LISTS',
    type = 'callback',
    flags = 'empty',
    callback = look,
  }
  rspamd_config:register_dependency('FREEDOMBOX_LISTS', 'FREEDOMBOX_FORWARDS')
  rspamd_config:register_symbol {
    name = ALLOWED, type = 'virtual', parent = id, score = ALLOWED_SCORE, group = 'freedombox',
  }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_LISTED',
    type = 'postfilter',
    priority = 2, -- before greylisting
    callback = function(task)
      decide(task)
      be_lenient(task)
    end,
  }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_JUNK_SCORE',
    type = 'postfilter',
    priority = 7, -- after greylisting, before what may be spam is kept from leaving
    callback = be_strict,
  }
end
