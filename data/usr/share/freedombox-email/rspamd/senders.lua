-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Who may appear in the lines that say who sent a message, after a login: every address in From,
-- Sender and their like must be the one the message is sent with (Postfix has checked that the
-- login may use it), that of the login's own mailbox, or one the directory gives the person. The
-- same goes for what looks like an address in the name beside it.
--
-- Programs of this machine without a login may use root, an address without an owner, and what the
-- directory gives the sender, which Postfix takes from the account it belongs to alone; or pass on
-- what has a signature of ours.
--
-- People see the From line, and mail programs differ in how they read a malformed one. So
-- whatever is not plainly one reading is refused too, in a sentence that says what to change.

local answers = dofile('/usr/share/freedombox-email/rspamd/answers.lua')
local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')
local sent = dofile('/usr/share/freedombox-email/rspamd/sent.lua')
local signatures = dofile('/usr/share/freedombox-email/rspamd/signatures.lua')
local find_entries = dofile('/usr/share/freedombox-email/rspamd/directory.lua')
local patterns_for = dofile('/usr/share/freedombox-email/rspamd/patterns.lua')

local N = 'freedombox_senders'
local MOST_QUESTIONS = 5
local OFF = {} -- stands for an entry that is switched off
local BESIDE_FROM = {
  { 'sender', 'Sender' }, { 'resent-from', 'Resent-From' }, { 'resent-sender', 'Resent-Sender' },
}

-- From each way of writing a domain of ours to the one the directory uses.
local ours = {}

-- An address in the form in which two are compared: small letters, without a label, a domain of
-- ours as the directory writes it.
local function compared(user, domain)
  user = header.fold(user)
  return (user:match('^([^+]+)%+') or user) .. '@'
    .. (header.find_ours(domain, ours) or header.fold(domain))
end

local function compared_text(address)
  local user, domain = address:match('^(.*)@([^@]*)$')
  return user and compared(user, domain) or nil
end

local refuse, wait = answers(N)

-- The addresses of the lines of one name, and what is wrong with them.
local function read_lines(values, name)
  local found = {}
  for _, line in ipairs(values) do
    local addresses, wrong = header.read(line)
    if not addresses then
      return nil, string.format('The %s line %s', name, wrong)
    end
    for _, each in ipairs(addresses) do
      found[#found + 1] = compared(each[1], each[2])
    end
  end
  return found
end

-- The addresses of a submitted message and the lines they stand in, or nil and what is wrong.
local function read(task)
  local lines = header.lines(task)
  if #lines.from == 0 then
    return nil, 'The message has no From line'
  elseif #lines.from > 1 then
    return nil, 'The message has more than one From line'
  end
  local addresses, wrong = read_lines(lines.from, 'From')
  if addresses and not header.agrees(task, header.read(lines.from[1])) then
    return nil, 'The From line can be read in more than one way'
  end
  local named = { { 'From', addresses } }
  for _, pair in ipairs(BESIDE_FROM) do
    if not wrong then
      addresses, wrong = read_lines(lines[pair[1]], pair[2])
      named[#named + 1] = { pair[2], addresses }
    end
  end
  return not wrong and named or nil, wrong
end

-- The addresses of a message that are not in a set, each once, with the reason.
local function not_allowed(task, named, allowed)
  local missing, reasons = {}, {}
  local function note(address, reason)
    if not allowed[address] and not reasons[address] then
      missing[#missing + 1] = address
      reasons[address] = reason
    end
  end
  for _, pair in ipairs(named) do
    for _, address in ipairs(pair[2]) do
      note(address, 'The ' .. pair[1] .. ' line names %s, which %s may not send as')
    end
  end
  header.each_shown(header.decoded(task, 'From'), function(user, domain)
    note(compared(user, domain), 'The name in the From line looks like %s, which %s may not send as')
  end)
  return missing, reasons
end

-- What to do instead of sending a message on as it is ("redirect" or "bounce" in mail programs),
-- which names its sender in From and the login in Resent-From.
local function advice(task)
  local lines = header.lines(task)
  if #lines['resent-from'] == 0 and #lines['resent-sender'] == 0 then
    return ''
  end
  return '. A redirected message names its own sender: forward it instead'
end

-- The first value of an attribute in lower case, '' if there is none.
local function first(entry, attribute)
  return ((entry[attribute] or {})[1] or ''):lower()
end

-- Tell whether an entry of the directory gives a login the right to send as its address.
local function grants(entry, login, owner)
  if owner ~= '' and first(entry, 'fbxMailOwnerId') == owner then
    return true
  end
  local is_role = first(entry, 'fbxMailOrigin') == 'role'
  for _, attribute in ipairs { 'fbxMailSender', is_role and 'fbxMailDestination' or nil } do
    for _, sender in ipairs(entry[attribute] or {}) do
      if sender:lower() == login then
        return true
      end
    end
  end
  return false
end

-- The owner of a login, the domain another one shares, and the other entries by name.
local function sort_entries(entries, login)
  local owner, target, by_name = '', nil, {}
  for _, entry in ipairs(entries) do
    local name, enabled = first(entry, 'fbxMailAddress'), first(entry, 'fbxMailEnabled') == 'true'
    if name ~= '' then
      by_name[name] = enabled and entry or by_name[name] or OFF
      if name == login and enabled then
        owner = first(entry, 'fbxMailOwnerId')
      end
    elseif enabled then
      target = first(entry, 'fbxMailAliasOf')
    end
  end
  return owner, target, by_name
end

-- Judge the answer of the directory about one address; `again` asks about another one. An
-- address that is switched off has no owner, and no pattern gives it one. The second value
-- tells that only the catch-all has the address.
local function judge(entries, address, login, again)
  local owner, target, by_name = sort_entries(entries, login)
  if target and target ~= '' then
    return again(address:match('^(.*)@') .. '@' .. target)
  end
  local found, free = by_name[address], by_name[address] == nil
  for _, pattern in ipairs(patterns_for(address)) do
    local entry = by_name[pattern]
    if not found and entry ~= OFF then
      found = entry
      free = not entry or pattern:sub(1, 2) == '*@'
    end
  end
  return found ~= nil and found ~= OFF and grants(found, login, owner), free
end

-- Ask the directory whether a login may send as an address; calls back with yes, no or nil.
local function ask(task, address, login, callback, is_second)
  local wanted = {
    { 'fbxMailAddress', address },
    { 'fbxMailAddress', login },
    { 'fbxMailDomainName', address:match('@(.*)$') },
  }
  local attributes = {
    'fbxMailAddress', 'fbxMailOwnerId', 'fbxMailSender', 'fbxMailAliasOf', 'fbxMailOrigin',
    'fbxMailDestination', 'fbxMailEnabled',
  }
  for _, pattern in ipairs(patterns_for(address)) do
    wanted[#wanted + 1] = { 'fbxMailAddress', pattern }
  end
  find_entries(task, wanted, attributes, function(entries)
    if not entries then
      return callback(nil)
    end
    local verdict, free = judge(entries, address, login, function(other)
      if is_second then
        return false
      elseif other == login then
        return true
      end
      ask(task, other, login, callback, true)
      return nil
    end)
    if verdict ~= nil then
      callback(verdict, free)
    end
  end)
end

local function check_login(task)
  local user = task:get_user()
  if not user then
    return
  end
  local login = compared_text(user) or user:lower()
  local allowed = { [login] = true }
  local envelope = (task:get_from('smtp') or {})[1]
  if envelope and envelope.addr and envelope.addr ~= '' then
    allowed[compared_text(envelope.addr) or ''] = true
  end
  local named, wrong = read(task)
  if not named then
    return refuse(task, wrong)
  end
  local missing, reasons = not_allowed(task, named, allowed)
  if #missing > MOST_QUESTIONS then
    return refuse(task, 'The From line names too many addresses')
  end
  for _, address in ipairs(missing) do
    ask(task, address, login, function(granted)
      if granted == nil then
        wait(task, 'The directory of addresses cannot be asked now, try again later')
      elseif not granted then
        refuse(task, string.format(reasons[address], address, login) .. advice(task))
      end
    end)
  end
end

local function is_this_machine(task)
  local ip = task:get_ip()
  return not ip or not ip:is_valid() or ip:to_string():match('^127%.') or ip:to_string() == '::1'
end

-- The domain of ours that a From line could name, nil if none.
local function claimed(task)
  for _, line in ipairs(header.lines(task).from) do
    local found = header.could_mean(line, ours)
    if found then
      return found
    end
  end
  return nil
end

-- The address of the account a program runs as. What has no sender, or one at a name of this
-- machine, is root's: Postfix takes no person's there.
local function account_of(task, domain)
  local envelope = ((task:get_from('smtp') or {})[1] or {}).addr or ''
  local of = envelope:lower():match('@([^@]*)$') or ''
  if not of:find('.', 1, true) or of == 'localhost.localdomain' then
    return 'root@' .. domain
  end
  local account = compared_text(envelope)
  return account and ours[account:match('@(.*)$')] and account
end

-- Check one address a program of this machine names.
local function check_named(task, address, account, reason)
  local user, place = address:match('^(.*)@(.*)$')
  if not ours[place] or user == 'root' then
    return
  end
  ask(task, address, account, function(granted, free)
    if granted == nil then
      wait(task, 'The directory of addresses cannot be asked now, try again later')
    elseif not granted and not free then
      refuse(task, string.format(reason, address, account))
    end
  end)
end

local function check_account(task)
  if task:get_user() or not is_this_machine(task) then
    return
  end
  local domain = claimed(task)
  if not domain or signatures.is_about(task, 'R_DKIM_ALLOW', domain) then
    return
  end
  local account = account_of(task, domain)
  if not account then
    return refuse(task, 'To send as an address of ' .. domain .. ', log in first')
  end
  local named, wrong = read(task)
  if not named then
    return refuse(task, wrong)
  end
  local missing, reasons = not_allowed(task, named, { [account] = true })
  if #missing > MOST_QUESTIONS then
    return refuse(task, 'The From line names too many addresses')
  end
  for _, address in ipairs(missing) do
    check_named(task, address, account, reasons[address])
  end
end

-- Remember what was taken from a login.
local function note_sent(task)
  local action = task:get_metric_action()
  if not task:get_user() or action == 'reject' or action == 'soft reject' then
    return
  end
  local addresses = header.read(header.lines(task).from[1] or '')
  if addresses and addresses[1] then
    sent.remember(task, compared(addresses[1][1], addresses[1][2]))
  end
end

return function(domains)
  ours = domains
  sent.configure()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_LOGIN_FROM',
    type = 'prefilter',
    priority = 8,
    flags = 'explicit_disable,ignore_passthrough',
    callback = check_login,
  }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_ACCOUNT_FROM',
    type = 'postfilter',
    priority = 9,
    callback = check_account,
  }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_SENT',
    type = 'idempotent',
    flags = 'explicit_disable,ignore_passthrough',
    callback = note_sent,
  }
end
