-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Who may appear in the From line.
--
-- After a login: every address in it must be the one the message is sent with (Postfix has
-- checked that the login may use it) or that of the login's own mailbox.
-- Without one: an address of our domains needs a valid signature of that domain, as mail has
-- that comes back from a mailing list.
--
-- People see the From line, and mail programs differ in how they read a malformed one. So
-- whatever is not plainly one reading is refused too, in a sentence that says what to change.

local N = 'freedombox_senders'

-- Return an address in the form in which two are compared: lower case, without a label.
local function normal(address)
  local user, domain = address:lower():match('^(.*)@([^@]*)$')
  if not user then
    return nil
  end
  return (user:match('^([^+]+)%+') or user) .. '@' .. domain
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
  task:set_pre_result {
    action = 'reject',
    message = reason,
    module = N,
  }
end

-- Return the first address in a name that is not allowed, nil if there is none.
local function foreign_in_name(name, allowed)
  for address in name:gmatch('[^%s<>()%[%]",;:]+@[%w.-]+%.%w+') do
    if not allowed[normal(address)] then
      return address
    end
  end
  return nil
end

local function check_login(task)
  local login = task:get_user()
  if not login then
    return
  end
  local allowed = { [normal(login) or login] = true }
  local envelope = (task:get_from('smtp') or {})[1]
  if envelope and envelope.addr and envelope.addr ~= '' then
    allowed[normal(envelope.addr) or ''] = true
  end
  local addresses, names = read_from(task)
  if not addresses then
    return refuse(task, names)
  end
  for index, address in ipairs(addresses) do
    if not allowed[address] then
      return refuse(task, string.format(
        'The From line names %s, which %s may not send as', address, login))
    end
    local other = foreign_in_name(names[index], allowed)
    if other then
      return refuse(task, string.format(
        'The name in the From line looks like the address %s, which %s may not send as',
        other, login))
    end
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

-- Return an address of ours that mail from outside claims to be from.
local function claimed(task, domains)
  for _, line in ipairs(from_lines(task)) do
    for domain in line:lower():gmatch('@([%w.-]+)') do
      if domains[domain] then
        return domain
      end
    end
  end
  return nil
end

local function check_outside(task, domains)
  if task:get_user() or is_this_machine(task) then
    return
  end
  local domain = claimed(task, domains)
  if not domain or is_signed_by(task, domain) then
    return
  end
  if task:has_symbol('R_DKIM_TEMPFAIL') or task:has_symbol('FREEDOMBOX_DNS_DEAD') then
    task:set_pre_result {
      action = 'soft reject',
      message = 'The signature of ' .. domain .. ' cannot be checked now, try again later',
      module = N,
    }
    return
  end
  refuse(task, 'To send as an address of ' .. domain .. ', log in first')
end

return function(domains)
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
    callback = function(task)
      check_outside(task, domains)
    end,
  }
end
