-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Who may appear in the From line.
--
-- After a login: every address in it must be the one the message is sent with (Postfix has
-- checked that the login may use it), that of the login's own mailbox, or one the directory
-- gives him. The same goes for what looks like an address in the name beside it.
-- Without one: an address of our domains needs a valid signature of that domain, as mail has
-- that comes back from a mailing list.
--
-- People see the From line, and mail programs differ in how they read a malformed one. So
-- whatever is not plainly one reading is refused too, in a sentence that says what to change.

local util = require 'rspamd_util'
local find_entries = dofile('/usr/share/freedombox-email/rspamd/directory.lua')

local N = 'freedombox_senders'
local MOST_QUESTIONS = 5
local MOST_SEPARATORS = 3
local OFF = {} -- stands for an entry that is switched off

-- From each way of writing a domain of ours to the one the directory uses.
local ours = {}

-- Return an address in the form in which two are compared: lower case, without a label, a
-- domain of ours as the directory writes it.
local function normal(address)
  local user, domain = util.lower_utf8(address):match('^(.*)@([^@]*)$')
  if not user then
    return nil
  end
  return (user:match('^([^+]+)%+') or user) .. '@' .. (ours[domain] or domain)
end

-- Return the values of all headers a reader could take for the From line.
local function from_lines(task)
  local lines = {}
  local unfolded = tostring(task:get_raw_headers()):gsub('\r?\n[ \t]+', ' ')
  for line in unfolded:gmatch('[^\r\n]+') do
    local value = line:match('^[Ff][Rr][Oo][Mm][ \t]*:(.*)$')
    if value then
      lines[#lines + 1] = value
    end
  end
  return lines
end

-- Return how many addresses a From line shows outside of quoted names and comments.
local function shown_addresses(line)
  local plain = line:gsub('\\.', ''):gsub('"[^"]*"', ''):gsub('%b()', '')
  local _, count = plain:gsub('@', '')
  return count
end

-- Return the addresses of the From line and the names beside them, or nil and why not.
local function read_from(task)
  local lines = from_lines(task)
  if #lines == 0 then
    return nil, 'The message has no From line'
  elseif #lines > 1 then
    return nil, 'The message has more than one From line'
  end
  local addresses, names = {}, {}
  for _, each in ipairs(task:get_from('mime') or {}) do
    local address = normal(each.addr or '')
    if not address or address:find('[%s:;,<>()"%[%]\\]') or address:sub(1, 1) == '@' then
      return nil, 'The From line holds something that is no address'
    end
    addresses[#addresses + 1] = address
    names[#names + 1] = (each.name or ''):lower()
  end
  if #addresses == 0 then
    return nil, 'The From line holds no address'
  elseif shown_addresses(lines[1]) ~= #addresses then
    return nil, 'The From line can be read in more than one way'
  end
  return addresses, names
end

local function refuse(task, reason)
  task:set_pre_result { action = 'reject', message = reason, module = N }
end

local function wait(task, reason)
  task:set_pre_result { action = 'soft reject', message = reason, module = N }
end

-- Return the addresses a From line uses that are not in a set, each once, with the reason.
local function not_allowed(addresses, names, allowed)
  local missing, reasons = {}, {}
  local function note(address, reason)
    if not allowed[address] and not reasons[address] then
      missing[#missing + 1] = address
      reasons[address] = reason
    end
  end
  for index, address in ipairs(addresses) do
    note(address, 'The From line names %s, which %s may not send as')
    for inner in names[index]:gmatch('[^%s<>()%[%]",;:]+@[%w.\128-\255-]+%.[%w\128-\255]+') do
      note(normal(inner), 'The name in the From line looks like %s, which %s may not send as')
    end
  end
  return missing, reasons
end

-- Return the first value of an attribute in lower case, '' if there is none.
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

-- Return the patterns that can mean an address, the one that counts most first. They are the
-- same ones pattern.py knows.
local function patterns_for(address)
  local user, domain = address:match('^(.*)@([^@]*)$')
  local found = { '*@' .. domain }
  for place in user:gmatch('()[-._=]') do
    if #found <= MOST_SEPARATORS and place < #user then
      table.insert(found, 1, user:sub(1, place) .. '*@' .. domain)
    end
  end
  return found
end

-- Return the owner of a login, the domain another one shares, and the other entries by name.
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
-- address that is switched off is nobody's, and no pattern gives it to anybody.
local function judge(entries, address, login, again)
  local owner, target, by_name = sort_entries(entries, login)
  if target and target ~= '' then
    return again(address:match('^(.*)@') .. '@' .. target)
  end
  local found = by_name[address]
  for _, pattern in ipairs(patterns_for(address)) do
    local entry = by_name[pattern]
    if not found and entry ~= OFF then
      found = entry
    end
  end
  return found ~= nil and found ~= OFF and grants(found, login, owner)
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
    local verdict = judge(entries, address, login, function(other)
      if is_second then
        return false
      elseif other == login then
        return true
      end
      ask(task, other, login, callback, true)
      return nil
    end)
    if verdict ~= nil then
      callback(verdict)
    end
  end)
end

local function check_login(task)
  local user = task:get_user()
  if not user then
    return
  end
  local login = normal(user) or user:lower()
  local allowed = { [login] = true }
  local envelope = (task:get_from('smtp') or {})[1]
  if envelope and envelope.addr and envelope.addr ~= '' then
    allowed[normal(envelope.addr) or ''] = true
  end
  local addresses, names = read_from(task)
  if not addresses then
    return refuse(task, names)
  end
  local missing, reasons = not_allowed(addresses, names, allowed)
  if #missing > MOST_QUESTIONS then
    return refuse(task, 'The From line names too many addresses')
  end
  for _, address in ipairs(missing) do
    ask(task, address, login, function(granted)
      if granted == nil then
        wait(task, 'The directory of addresses cannot be asked now, try again later')
      elseif not granted then
        refuse(task, string.format(reasons[address], address, login))
      end
    end)
  end
end

-- Tell whether DKIM found a valid signature of a domain.
local function is_signed_by(task, domain)
  for _, symbol in ipairs(task:get_symbol('R_DKIM_ALLOW') or {}) do
    for _, option in ipairs(symbol.options or {}) do
      if option:lower():match('^([^:]*)') == domain then
        return true
      end
    end
  end
  return false
end

local function is_this_machine(task)
  local ip = task:get_ip()
  return not ip or not ip:is_valid() or ip:to_string():match('^127%.') or ip:to_string() == '::1'
end

-- Return the domain of ours that mail from outside claims to be from.
local function claimed(task)
  for _, line in ipairs(from_lines(task)) do
    for domain in util.lower_utf8(line):gmatch('@([%w.\128-\255-]+)') do
      if ours[domain] then
        return ours[domain]
      end
    end
  end
  return nil
end

local function check_outside(task)
  if task:get_user() or is_this_machine(task) then
    return
  end
  local domain = claimed(task)
  if not domain or is_signed_by(task, domain) then
    return
  end
  if task:has_symbol('R_DKIM_TEMPFAIL') or task:has_symbol('FREEDOMBOX_DNS_DEAD') then
    return wait(task, 'The signature of ' .. domain .. ' cannot be checked now, try again later')
  end
  refuse(task, 'To send as an address of ' .. domain .. ', log in first')
end

return function(domains)
  ours = domains
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_LOGIN_FROM',
    type = 'prefilter',
    priority = 8,
    flags = 'explicit_disable,ignore_passthrough',
    callback = check_login,
  }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_OUTSIDE_FROM',
    type = 'postfilter',
    priority = 9,
    callback = check_outside,
  }
end
