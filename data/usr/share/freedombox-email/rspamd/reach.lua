-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Where mail to addresses of ours ends: in mailboxes here, at other mail servers, or nowhere. Takes
-- the same steps as Postfix (config/tables.py), all addresses of one step in one question.
--
-- Returns a function that takes a task, our domains, a list of recipients and a callback. That one
-- gets a table from each recipient to its ends, or nil while the directory cannot be asked. Ends
-- are { inside = mailboxes, outside = addresses, is_whole = whether all steps were taken, memories =
-- from each mailbox to the name of what the filter learned for it, entries = the entry of each
-- mailbox, settings = the entry with the settings for all }.

local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')
local find_entries = dofile('/usr/share/freedombox-email/rspamd/directory.lua')
local patterns_for = dofile('/usr/share/freedombox-email/rspamd/patterns.lua')

local MOST_ADDRESSES = 150
local AT_ONCE = 15
local MOST_ENTRIES = 120
local NOTICES = { ['mailer-daemon'] = true, ['double-bounce'] = true }
local REPORTS = 'mail-reports'
local ATTRIBUTES = {
  'objectClass', 'fbxMailAddress', 'fbxMailDestination', 'fbxMailEnabled', 'fbxMailDomainName',
  'fbxMailAliasOf', 'fbxMailMemory', 'fbxMailAllowedSender', 'fbxMailDeniedSender',
  'fbxMailJunkScore', 'fbxMailGreylisting', 'fbxMailLetIn',
}
local SETTINGS = 'fbxmailsettings'

-- An address in the form the directory has: small letters, a domain of ours encoded and, where it
-- is one of ours, no label. The second value tells whether it is.
local function normal(text, ours)
  local user, domain = text:match('^(.*)@([^@]*)$')
  if not user then
    return text, false
  end
  local own = header.find_ours(domain, ours)
  if not own then
    return text, false
  end
  user = header.fold(user)
  return (user:match('^([^+]+)%+') or user) .. '@' .. own, true
end

-- Tell whether it is an address made here for mail that was passed on, see sending/srs.py.
local function is_rewritten(text)
  return text:lower():match('^srs[01][-+=]') ~= nil
end

local function first(entry, attribute)
  return ((entry[attribute] or {})[1] or ''):lower()
end

local function is_enabled(entry)
  return first(entry, 'fbxMailEnabled') == 'true'
end

local function has_class(entry, wanted)
  for _, class in ipairs(entry.objectClass or {}) do
    if class:lower() == wanted then
      return true
    end
  end
  return false
end

-- The entries of an answer by address, the domains that share the addresses of another, and the
-- settings for all.
local function sorted(entries)
  local by_name, targets, settings = {}, {}, nil
  for _, entry in ipairs(entries) do
    local name, domain = first(entry, 'fbxMailAddress'), first(entry, 'fbxMailDomainName')
    if name ~= '' then
      by_name[name] = entry
    elseif domain ~= '' and is_enabled(entry) then
      targets[domain] = first(entry, 'fbxMailAliasOf')
    elseif has_class(entry, SETTINGS) then
      settings = entry
    end
  end
  return by_name, targets, settings
end

-- The steps from an address that no entry has by its name.
local function unnamed_steps(address, by_name)
  local user, domain = address:match('^(.*)@(.*)$')
  if NOTICES[user] then
    return { 'postmaster@' .. domain }
  elseif user == REPORTS then
    return {}, true
  end
  for _, pattern in ipairs(patterns_for(address)) do
    local entry = by_name[pattern]
    if entry and is_enabled(entry) then
      return entry.fbxMailDestination or {}
    end
  end
  return {}
end

-- The next steps from an address, and whether mail to it also ends there.
local function steps(address, by_name, targets)
  local user, domain = address:match('^(.*)@(.*)$')
  local target = targets[domain]
  if target and target ~= '' then
    return { user .. '@' .. target }, false
  end
  local entry = by_name[address]
  if not entry then
    return unnamed_steps(address, by_name)
  elseif not is_enabled(entry) then
    return {}, false
  end
  return entry.fbxMailDestination or {}, has_class(entry, 'fbxmailbox')
end

local function question(addresses, with_settings)
  local wanted, seen = {}, {}
  if with_settings then
    wanted[1] = { 'objectClass', SETTINGS }
  end
  local function ask(attribute, value)
    if not seen[attribute .. value] then
      seen[attribute .. value] = true
      wanted[#wanted + 1] = { attribute, value }
    end
  end
  for _, address in ipairs(addresses) do
    ask('fbxMailAddress', address)
    ask('fbxMailDomainName', address:match('@(.*)$'))
    for _, pattern in ipairs(patterns_for(address)) do
      ask('fbxMailAddress', pattern)
    end
  end
  return wanted
end

-- All ends of mail to an address, from the steps that were found.
local function ends_of(start, found, settings)
  local ends = {
    inside = {}, outside = {}, is_whole = true, memories = {}, entries = {}, settings = settings,
  }
  local seen, list = { [start] = true }, { start }
  local at = 1
  while at <= #list do
    local address = list[at]
    local node = found[address]
    if not node then
      ends.is_whole = false
    elseif node.is_outside then
      ends.outside[#ends.outside + 1] = address
    else
      if node.is_end then
        ends.inside[#ends.inside + 1] = address
        ends.memories[address] = first(node.entry, 'fbxMailMemory')
        ends.entries[address] = node.entry
      end
      for _, following in ipairs(node.steps) do
        if not seen[following] then
          seen[following] = true
          list[#list + 1] = following
        end
      end
    end
    at = at + 1
  end
  return ends
end

return function(task, ours, recipients, callback)
  local found, waiting, count, settings = {}, {}, 0, nil

  -- Note an address that mail goes to, and have it asked about once if it is ours.
  local function reach(text)
    local address, is_own = normal(text, ours)
    if found[address] ~= nil or count >= MOST_ADDRESSES then
      return address
    end
    count = count + 1
    if not is_own or is_rewritten(text) then
      found[address] = { is_outside = true }
    else
      found[address] = false
      waiting[#waiting + 1] = address
    end
    return address
  end

  local starts = {}
  for _, recipient in ipairs(recipients) do
    starts[recipient] = reach(recipient)
  end

  local function finish()
    local result = {}
    for recipient, address in pairs(starts) do
      result[recipient] = ends_of(address, found, settings)
    end
    callback(result)
  end

  local function go_on()
    if #waiting == 0 then
      return finish()
    end
    local asked = {}
    while #asked < AT_ONCE and #waiting > 0 do
      asked[#asked + 1] = table.remove(waiting)
    end
    find_entries(task, question(asked, not settings), ATTRIBUTES, function(entries)
      if not entries then
        return callback(nil)
      end
      local by_name, targets, common = sorted(entries)
      settings = settings or common or {}
      for _, address in ipairs(asked) do
        local following, is_end = steps(address, by_name, targets)
        local node = { steps = {}, is_end = is_end or false, entry = by_name[address] }
        for _, text in ipairs(following) do
          node.steps[#node.steps + 1] = reach(text)
        end
        found[address] = node
      end
      go_on()
    end, MOST_ENTRIES)
  end

  go_on()
end
