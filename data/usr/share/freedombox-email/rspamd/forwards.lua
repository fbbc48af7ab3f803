-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Mail of others that leaves the box again: forwards of mailboxes and aliases, and what users'
-- Sieve scripts pass on.
--
-- Such a message gets a sender of ours (SRS), or other servers would refuse it for the box may not
-- send for the domain of its sender (SPF); and a seal (ARC), for what was found out here about its
-- origin. What may be spam does not leave: a mailbox keeps it in Junk, an address that only
-- leads elsewhere refuses it. An address that forwarded a message before refuses it when it comes
-- back, and so does an address that leads nowhere, for the sender to know. Each copy has the marks
-- of all addresses that forwarded it, so these do not say which ones.
--
-- A bounce is sent to the sender only if SPF or DKIM proved who that is.

local util = require 'rspamd_util'
local hash = require 'rspamd_cryptobox_hash'
local answers = dofile('/usr/share/freedombox-email/rspamd/answers.lua')
local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')
local find_entries = dofile('/usr/share/freedombox-email/rspamd/directory.lua')
local reach = dofile('/usr/share/freedombox-email/rspamd/reach.lua')
local rewrite = dofile('/usr/share/freedombox-email/rspamd/rewriting.lua')
local signatures = dofile('/usr/share/freedombox-email/rspamd/signatures.lua')

local N = 'freedombox_forwards'
local ENDS, DOMAIN = 'freedombox_ends', 'freedombox_passed_on_from'
local MARK = 'X-FreedomBox-Forwarded'
local HERE = 'here.invalid'
local PASSED_ON = 'X-Sieve-Redirected-From'
local SCRIPTS = 'freedombox-sieve' -- as which Postfix's service for them names its program
local SPAM = { ['add header'] = true, ['rewrite subject'] = true }
local DONE = { reject = true, ['soft reject'] = true, discard = true }

local ours, primary, secret = {}, nil, ''

local refuse, wait = answers(N)

local function envelope_sender(task)
  return ((task:get_from { 'smtp', 'orig' } or {})[1] or {}).addr or ''
end

-- Tell whether it is an address made here for mail that was passed on.
local function is_rewritten(address)
  return address:lower():match('^srs[01][-+=]') ~= nil
end

local function domain_of(address)
  return address:match('@([^@]*)$') or ''
end

local function own_domain(address)
  return header.find_ours(domain_of(address), ours)
end

local function recipients(task)
  local found = {}
  for _, each in ipairs(task:get_recipients { 'smtp', 'orig' } or {}) do
    found[#found + 1] = each.addr
  end
  return found
end

-- Tell whether a recipient is at another server.
local function has_outside(list)
  for _, recipient in ipairs(list) do
    if not own_domain(recipient) then
      return true
    end
  end
  return false
end

-- The mailbox whose Sieve script passes a message on, as Dovecot's first lines say, nil if none.
-- Postfix tells by which service it came: others may have the same lines.
local function passed_on_by(task)
  local program = tostring(task:get_request_header('User-Agent') or '')
  return program == SCRIPTS and task:get_header(PASSED_ON) or nil
end

-- Take up what was found out about a message when it came, before a script passed it on: its own
-- line says so, and there is no other, for those that came with it were removed.
local function remember(task)
  local results = (task:get_header('Authentication-Results') or ''):gsub('%s+', ' ')
  if results:find('; spf=pass ', 1, true) then
    task:insert_result('R_SPF_ALLOW', 0.0)
  end
  local policy, from = results:match('; dmarc=pass %(policy=([%w-]+)%) header%.from=([%w.-]+)')
  if from then
    task:insert_result('DMARC_POLICY_ALLOW', 0.0, from, policy)
  end
end

-- The first value of an attribute of an entry, as a word in small letters.
local function first(entry, attribute)
  return ((entry[attribute] or {})[1] or ''):lower()
end

-- Refuse to pass a message on to another server for a mailbox that may not do so, by its own
-- switch or else by that of its domain.
local function check_switch(task, mailbox)
  local address = header.fold(mailbox)
  local domain = domain_of(address)
  find_entries(task, { { 'fbxMailAddress', address }, { 'fbxMailDomainName', domain } },
    { 'fbxMailAddress', 'fbxMailDomainName', 'fbxMailForwardOutside' }, function(entries)
    local own, shared = '', ''
    for _, entry in ipairs(entries or {}) do
      local choice = first(entry, 'fbxMailForwardOutside')
      if first(entry, 'fbxMailAddress') == address then
        own = choice
      elseif first(entry, 'fbxMailDomainName') == domain then
        shared = choice
      end
    end
    if not entries then
      wait(task, 'The directory of addresses cannot be asked now, try again later')
    elseif own == 'false' or (own == '' and shared == 'false') then
      refuse(task, mailbox .. ' may not forward mail to other servers')
    end
  end)
end

-- Find out where the message goes, unless its sender is one of us.
local function look(task)
  local mailbox = passed_on_by(task)
  if mailbox and has_outside(recipients(task)) then
    check_switch(task, mailbox)
  end
  local sender = envelope_sender(task)
  if task:get_user() or (sender ~= '' and own_domain(sender)) then
    return
  end
  if mailbox then
    remember(task)
  end
  local list = recipients(task)
  reach(task, ours, list, function(ends)
    if not ends then
      return wait(task, 'The directory of addresses cannot be asked now, try again later')
    end
    task:cache_set(ENDS, ends)
    for _, recipient in ipairs(list) do
      if #ends[recipient].outside > 0 or not ends[recipient].is_whole then
        local from = own_domain(recipient) or own_domain(mailbox or '') or primary
        if from then
          task:get_mempool():set_variable(DOMAIN, from)
        end
        return
      end
    end
  end)
end

-- Tell whether a signature or SPF proves the domain of the envelope's sender.
local function is_proven(task, sender)
  if task:has_symbol('R_SPF_ALLOW') then
    return true
  end
  local wanted = util.get_tld(domain_of(sender):lower())
  for _, domain in ipairs(signatures.domains(task, 'R_DKIM_ALLOW')) do
    if util.get_tld(domain) == wanted then
      return true
    end
  end
  return false
end

-- A secret of this machine, without which no one finds out the address a mark is made of.
local function read_secret()
  local file = io.open('/etc/machine-id')
  local text = file and file:read('*l') or ''
  if file then
    file:close()
  end
  return text ~= '' and text or util.random_hex(32)
end

-- The marks of addresses a message was passed on from before, as it says.
local function marks(task)
  local found = {}
  for _, each in ipairs(task:get_header_full(MARK) or {}) do
    found[(each.decoded or ''):gsub('%s', '')] = true
  end
  return found
end

local function leaves(ends)
  return #ends.outside > 0 or not ends.is_whole
end

-- The mark of an address of ours, whatever its label.
local function mark_of(recipient)
  local user = header.fold(recipient:match('^(.*)@') or '')
  local address = (user:match('^([^+]+)%+') or user) .. '@' .. own_domain(recipient)
  return hash.create_keyed(secret, address):base32():sub(1, 26)
end

-- Tell whether mail to a recipient is passed on from its address.
local function forwards(recipient, each)
  return leaves(each) and own_domain(recipient) ~= nil and not is_rewritten(recipient)
end

-- The recipient that passed the message on before, nil if none.
local function looping(task, ends)
  local found = marks(task)
  for recipient, each in pairs(ends) do
    if forwards(recipient, each) and found[mark_of(recipient)] then
      return recipient
    end
  end
  return nil
end

-- Recipients that lead nowhere, and those that lead somewhere.
local function dead(ends)
  local gone, alive = {}, 0
  for recipient, each in pairs(ends) do
    if each.is_whole and #each.inside == 0 and #each.outside == 0 then
      gone[#gone + 1] = recipient
    else
      alive = alive + 1
    end
  end
  return gone, alive
end

-- Tell whether a message says that it is from an address which Postfix would make into another.
local function names_here(task)
  for _, values in pairs(header.lines(task)) do
    for _, line in ipairs(values) do
      if header.could_mean(line, { [HERE] = HERE }) then
        return true
      end
    end
  end
  return false
end

-- Keep what may be spam from leaving: recipients that forward are replaced by their mailboxes.
local function hold_back(task, ends)
  local remove, add, seen = {}, {}, {}
  for recipient, each in pairs(ends) do
    if leaves(each) then
      if #each.inside == 0 or not each.is_whole or names_here(task) then
        return refuse(task, 'Mail that looks like spam is not forwarded')
      end
      remove[#remove + 1] = recipient
      for _, mailbox in ipairs(each.inside) do
        if not seen[mailbox] then
          seen[mailbox] = true
          add[#add + 1] = mailbox:gsub('@([^@]*)$', '=%1@') .. HERE
        end
      end
    end
  end
  task:set_milter_reply { del_rcpt = remove, add_rcpt = add }
end

-- Give a message that leaves its mark for each address it leaves from, and a sender of ours.
local function pass_on(task, ends, sender, proven)
  local values = {}
  for recipient, each in pairs(ends) do
    if forwards(recipient, each) then
      values[#values + 1] = { value = mark_of(recipient), order = 1 }
    end
  end
  if #values > 0 then
    task:set_milter_reply { add_headers = { [MARK] = values } }
  end
  if sender == '' then
    return
  end
  rewrite(task, task:get_mempool():get_variable(DOMAIN), proven, sender, function(made)
    if made then
      task:set_milter_reply { change_from = made }
    else
      wait(task, 'The message cannot be forwarded now, try again later')
    end
  end)
end

local function decide(task)
  local ends, action = task:cache_get(ENDS), task:get_metric_action()
  if not ends or DONE[action] then
    return
  end
  local sender = envelope_sender(task)
  local gone, alive = dead(ends)
  local proven = is_proven(task, sender)
  if #gone > 0 and (alive == 0 or not proven) then
    return refuse(task, 'The address ' .. gone[1] .. ' leads to no mailbox')
  end
  local again = looping(task, ends)
  if again then
    return refuse(task, 'Mail loop: the message was forwarded from ' .. again .. ' before')
  elseif not task:get_mempool():get_variable(DOMAIN) then
    return
  elseif SPAM[action] then
    return hold_back(task, ends)
  end
  pass_on(task, ends, sender, proven)
end

return function(domains, main)
  ours, primary, secret = domains, main, read_secret()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_FORWARDS',
    type = 'callback',
    flags = 'empty',
    callback = look,
  }
  rspamd_config:register_dependency('ARC_SIGNED', 'FREEDOMBOX_FORWARDS')
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_PASS_ON',
    type = 'postfilter',
    flags = 'ignore_passthrough',
    priority = 10, -- after the others, which judge the message
    callback = decide,
  }
end
