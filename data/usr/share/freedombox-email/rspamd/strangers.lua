-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What strangers may say of themselves, on port 25 without a login.
--
-- Each message needs one From line with one address that all mail programs read alike, and Rspamd
-- too, else the domain's policy for spoofed mail (DMARC) is not looked up. An address of our
-- domains in From, Sender or their like needs a valid signature of that domain. Who greets with
-- a name or number of ours lies, and so does who sends from a domain that does not exist.

local util = require 'rspamd_util'
local answers = dofile('/usr/share/freedombox-email/rspamd/answers.lua')
local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')
local is_stranger = dofile('/usr/share/freedombox-email/rspamd/from_outside.lua')
local is_alive = dofile('/usr/share/freedombox-email/rspamd/alive.lua')
local sent = dofile('/usr/share/freedombox-email/rspamd/sent.lua')
local signatures = dofile('/usr/share/freedombox-email/rspamd/signatures.lua')
local forwarders = dofile('/usr/share/freedombox-email/rspamd/forwarders.lua')

local N = 'freedombox_senders'
local CLAIM, NAMED, OWN = 'freedombox_claim', 'freedombox_named', 'freedombox_own'
local BESIDE = '@' -- stands for a claim that is not in From
local unpack = table.unpack or unpack -- moved by Lua 5.2; LuaJIT has the older one
local BESIDE_FROM = { 'Sender', 'Resent-From', 'Resent-Sender' }
local NO_SUCH = { ['no records with this name'] = true }
local NO_RECORD = { ['requested record is not found'] = true }

-- From each way of writing a domain of ours to the one the directory uses, and names of this
-- machine that are no mail domains.
local ours, names = {}, {}

local refuse, wait = answers(N)

-- The domain of ours that one of the lines beside From could name, nil if none.
local function claimed_beside(task, lines)
  for _, name in ipairs(BESIDE_FROM) do
    local values = lines[name:lower()]
    for _, line in ipairs(values) do
      local found = header.could_mean(line, ours)
      if found then
        return found
      end
    end
    if #values > 0 then
      local found = header.could_mean(header.decoded(task, name), ours)
      if found then
        return found
      end
    end
  end
  return nil
end

-- Tell whether a domain in the name beside an address is another organisation's.
local function is_of_another(beside, domain)
  for _, name in ipairs(beside) do
    if util.get_tld(header.fold(name)) ~= util.get_tld(header.fold(domain)) then
      return true
    end
  end
  return false
end

-- The one address of a message as {user, domain}, or nil and what is wrong with its From line.
local function read_from(task, lines)
  if #lines == 0 then
    return nil, 'The message has no From line'
  elseif #lines > 1 then
    return nil, 'The message has more than one From line'
  end
  local addresses, wrong = header.read(lines[1])
  if not addresses then
    return nil, 'The From line ' .. wrong
  elseif #addresses > 1 then
    return nil, 'The From line holds more than one address'
  elseif is_of_another(addresses[1][3], addresses[1][2])
      or not header.agrees(task, addresses) then
    return nil, 'The From line can be read in more than one way'
  end
  return addresses[1]
end

-- Tell whether the name in From, or a comment, shows an address of ours beside the real one.
local function names_us(task)
  local found = false
  header.each_shown(header.decoded(task, 'From'), function(_, domain)
    found = found or header.find_ours(domain, ours) ~= nil
  end)
  return found
end

-- Refuse a From line without a clear meaning, and note which domain of ours a message claims.
local function check_lines(task)
  local lines = header.lines(task)
  local address, wrong = read_from(task, lines.from)
  if not address then
    return refuse(task, wrong)
  end
  local pool = task:get_mempool()
  local domain = header.find_ours(address[2], ours)
  if domain then
    pool:set_variable(CLAIM, domain, header.fold(address[1]))
    pool:set_variable(OWN, 'yes')
  else
    domain = header.could_mean(lines.from[1], ours) or claimed_beside(task, lines)
    if domain then
      pool:set_variable(CLAIM, domain, BESIDE)
    elseif names_us(task) then
      pool:set_variable(NAMED, 'yes')
      task:disable_action('greylist') -- it goes to Junk anyway
    end
  end
end

-- Tell whether a message comes from a domain it was sent to, as SPF or a signature proves.
local function is_returned(task, known)
  local domain = ((task:get_from('smtp') or {})[1] or {}).domain or ''
  if task:has_symbol('R_SPF_ALLOW') and sent.was_sent_to(known, domain) then
    return true
  end
  for _, signer in ipairs(signatures.domains(task, 'R_DKIM_ALLOW')) do
    if sent.was_sent_to(known, signer) then
      return true
    end
  end
  return false
end

-- Tell whether a message of one of us that a mailing list changed is judged like any other: it has
-- the text that was sent, and the list's seal confirms that it had our signature (ARC). Without a
-- seal it must come from where it was sent to, and our domain not ask to do away with forgeries.
local function is_as_sent(task, known, domain)
  if not sent.has_its_text(task, known) then
    return false
  elseif forwarders.is_vouched_for_by(task, domain, function(signer)
        return sent.was_sent_to(known, signer)
      end) then
    return true
  end
  return is_returned(task, known) and not task:has_symbol('DMARC_POLICY_REJECT')
    and not task:has_symbol('DMARC_POLICY_QUARANTINE')
end

-- Judge mail that says it is from a domain of ours. What one of us sent and a mailing list broke
-- is never refused, so that the list does not take our users for gone: it goes to Junk, or is
-- judged like any other.
local function check_claim(task)
  local domain, user = task:get_mempool():get_variable(CLAIM, 'string,string')
  if not domain or signatures.is_about(task, 'R_DKIM_ALLOW', domain) then
    return
  elseif user ~= BESIDE and forwarders.is_vouched_for(task, domain) then
    return
  elseif signatures.is_about(task, 'R_DKIM_TEMPFAIL', domain)
      or task:has_symbol('FREEDOMBOX_DNS_DEAD') then
    return wait(task, 'The signature of ' .. domain .. ' cannot be checked now, try again later')
  end
  local function judge(known)
    if not known then
      refuse(task, 'To send as an address of ' .. domain .. ', log in first')
    elseif not is_as_sent(task, known, domain) then
      task:set_pre_result {
        action = 'add header', message = 'From a mailing list', module = N, flags = 'least',
      }
    end
  end
  if user == BESIDE or not task:has_header('List-Id') then
    return judge(nil)
  end
  local author = (user:match('^([^+]+)%+') or user) .. '@' .. domain
  sent.find(task, function(known, is_unknown)
    if is_unknown then
      return wait(task, 'The spam filter is not ready, try again later')
    end
    judge(known and known.author == author and known or nil)
  end)
end

local function check_name(task)
  if task:get_mempool():get_variable(NAMED) then
    task:set_pre_result {
      action = 'add header', message = 'Names an address of ours', module = N, flags = 'least',
    }
  end
end

-- Look whether a number is one of ours: of the hosts our domains stand for in DNS.
local function check_number(task, number)
  local seen = {}
  for _, domain in pairs(ours) do
    if not seen[domain] then
      seen[domain] = true
      task:get_resolver():resolve(number:find(':', 1, true) and 'aaaa' or 'a', {
        task = task,
        name = domain,
        callback = function(_, _, results)
          for _, each in ipairs(results or {}) do
            if tostring(each) == number then
              refuse(task, 'You greet with an address of this host')
            end
          end
        end,
      })
    end
  end
end

-- Refuse who greets with a name of ours, or with a number of ours; tell whether that is known.
local function check_greeting(task)
  local helo = (task:get_helo() or ''):sub(1, 255)
  local name = header.fold(helo):gsub('%.$', '')
  if header.find_ours(name, ours) or names[name] then
    refuse(task, 'You greet with the name of this host')
    return true
  end
  local number = name:match('^%[?i?p?v?6?:?([%x:.]+)%]?$')
  if number and number ~= task:get_ip():to_string() and number:find('[:.]') then
    check_number(task, number)
  end
  return false
end

local function check(task)
  if is_stranger(task) and not check_greeting(task) then
    check_lines(task)
  end
end

-- Ask for one kind of record after the other, until there is one; `missing` if there is none.
local function look_for(task, domain, kinds, missing)
  task:get_resolver():resolve(kinds[1], {
    task = task,
    forced = true,
    name = domain,
    callback = function(_, _, results, err)
      if results and #results > 0 then
        return
      elseif NO_SUCH[err] or (#kinds == 1 and (not err or NO_RECORD[err])) then
        missing(true)
      elseif not err or NO_RECORD[err] then
        look_for(task, domain, { unpack(kinds, 2) }, missing)
      else
        missing(false)
      end
    end,
  })
end

-- Have a message come again whose domain DNS cannot tell about now. When DNS is dead altogether
-- mail goes on without it (dns.lua).
local function wait_for_dns(task)
  local _, own = next(ours)
  if task:has_symbol('FREEDOMBOX_DNS_DEAD') or not own then
    return
  end
  is_alive(own, function(name, done)
    return task:get_resolver():resolve('a', {
      task = task,
      forced = true,
      name = name,
      callback = function(_, _, _, err) done(err) end,
    })
  end, function(is_dead)
    if not is_dead then
      wait(task, 'The domain of the sender cannot be looked up now, try again later')
    end
  end)
end

-- Refuse a sender whose domain does not exist; what DNS cannot say now is asked again later.
local function check_domain(task)
  local domain = ((task:get_from('smtp') or {})[1] or {}).domain
  if not domain or domain == '' or not is_stranger(task) then
    return
  end
  look_for(task, domain, { 'mx', 'a', 'aaaa' }, function(is_certain)
    if is_certain then
      refuse(task, 'The domain ' .. domain .. ' of the sender does not exist')
    else
      wait_for_dns(task)
    end
  end)
end

return function(domains, hosts)
  ours = domains
  for _, host in ipairs(hosts or {}) do
    names[host] = true
  end
  sent.configure()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_STRANGER',
    type = 'prefilter',
    priority = 9,
    callback = check,
  }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_SENDER_DOMAIN',
    type = 'callback',
    flags = 'empty',
    callback = check_domain,
  }
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_OUTSIDE_FROM',
    type = 'postfilter',
    priority = 9,
    callback = function(task)
      check_claim(task)
      check_name(task)
    end,
  }
end
