-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Addresses in the lines that say who sent a message (From, Sender, Resent-From): the plain ones,
-- and the domains a malformed line could mean to one mail program or another.
--
-- All of it is text of strangers. Each function goes through its text once, from left to right,
-- and none is given more than MOST_BYTES of it.

local util = require 'rspamd_util'

local MOST_BYTES = 4096
local LONGEST_DOMAIN = 255

local WANTED = { from = true, sender = true, ['resent-from'] = true, ['resent-sender'] = true }

-- Code points that UTS 46 maps to nothing, as bytes; Rspamd's NFKC knows only some of them.
local IGNORED = {
  '\194\173', '\205\143', '\225\160[\139-\143]', '\226\128[\139-\143\170-\174]',
  '\226\129[\160-\175]', '\239\184[\128-\143]', '\239\187\191', '\243\160[\128-\135][\128-\191]',
}
-- ... and to a dot, or to two letters.
local DOTS = { '\227\128\130', '\239\188\142', '\239\189\161', '\226\128\164' }
local SHARP = { '\195\159', '\225\186\158' }

-- A text as a mail program compares names: small letters, without what is not seen, each letter
-- in its usual form and each kind of dot a dot.
local function fold(text)
  if not text:find('[\128-\255]') then
    return text:lower()
  end
  for _, bytes in ipairs(IGNORED) do
    text = text:gsub(bytes, '')
  end
  for _, bytes in ipairs(DOTS) do
    text = text:gsub(bytes, '.')
  end
  return (util.lower_utf8((util.normalize_utf8(text))))
end

-- A folded text as programs read it that still know no sharp s.
local function sharp(text)
  for _, bytes in ipairs(SHARP) do
    text = text:gsub(bytes, 'ss')
  end
  return text
end

-- Values of the lines that say who sent a message, by name in small letters. Also such as
-- "From :", which Rspamd does not take for a header but mail programs do.
local function lines(task)
  local raw = '\n' .. tostring(task:get_raw_headers()):gsub('\r\n?', '\n')
  local found = { from = {}, sender = {}, ['resent-from'] = {}, ['resent-sender'] = {} }
  local start = 1
  while start do
    local name, value = raw:match('^\n([FfSsRr][%a-]+)[ \t]*:()', start)
    local after = raw:find('\n', start + 1, true)
    if name and WANTED[name:lower()] then
      local stop = after
      while stop and raw:find('^[ \t]', stop + 1) do
        stop = raw:find('\n', stop + 1, true)
      end
      local list = found[name:lower()]
      list[#list + 1] = raw:sub(value, (stop or 0) - 1)
    end
    start = after
  end
  return found
end

-- The position after a comment or a quoted text that begins at one; nil if it does not end.
local function past_comment(text, start)
  local depth, at = 0, start
  while true do
    local found = text:find('[()\\]', at)
    if not found then
      return nil
    end
    local sign = text:sub(found, found)
    depth = depth + (sign == '(' and 1 or sign == ')' and -1 or 0)
    at = found + (sign == '\\' and 2 or 1)
    if depth == 0 then
      return at
    end
  end
end

local function past_quote(text, start)
  local at = start + 1
  while true do
    local found = text:find('["\\]', at)
    if not found then
      return nil
    elseif text:sub(found, found) == '"' then
      return found + 1
    end
    at = found + 2
  end
end

-- The token at a position: its kind (blank, comment, quote, atom, or the sign itself) and the
-- position after it. What begins but does not end is a token `open` of one byte.
local function token(text, at)
  local blank = text:match('^[ \t\n]+()', at)
  if blank then
    return 'blank', blank
  end
  local atom = text:match('^[^%c ()<>@,;:."\\]+()', at)
  if atom then
    return 'atom', atom
  end
  local sign = text:sub(at, at)
  if sign == '(' or sign == '"' then
    local after = sign == '(' and past_comment(text, at) or sign == '"' and past_quote(text, at)
    if after then
      return sign == '(' and 'comment' or 'quote', after
    end
    return 'open', at + 1
  elseif sign:find('[%c\\]') then
    return 'odd', at + 1
  end
  return sign, at + 1
end

-- Tokens of a text, as a list of {kind, text}. A second unclosed bracket is not searched for
-- its end, which would take as long again for each of them.
local function tokens(text)
  local list, at, open = {}, 1, {}
  while at <= #text do
    local sign = text:sub(at, at)
    local kind, after = 'open', at + 1
    if not open[sign] then
      kind, after = token(text, at)
    end
    open[sign] = kind == 'open' or nil
    list[#list + 1] = { kind, text:sub(at, after - 1) }
    at = after
  end
  return list
end

local SPACE = { blank = true, comment = true }
local LOCAL = { atom = true, quote = true, ['.'] = true }

-- Domains that could be meant behind a sign @ (the token at an index), given to a function:
-- read up to the first blank or comment, and to each of the next ones if a dot goes on.
local function each_domain(list, index, callback)
  local name = ''
  for at = index + 1, #list do
    local kind, text = list[at][1], list[at][2]
    if kind == 'atom' or kind == '.' or kind == 'quote' then
      name = name .. text:gsub('"', '')
    elseif SPACE[kind] or kind == 'odd' or kind == 'open' then
      callback(name)
    else
      break
    end
    if #name > LONGEST_DOMAIN then
      break
    end
  end
  callback(name)
end

-- The domain of `ours` that a name could mean, nil if none.
local function find_ours(name, ours)
  if #name > 2 * LONGEST_DOMAIN then
    return nil
  end
  name = fold(name):gsub('[%s.]*$', ''):gsub('^[%[%s]+', ''):gsub('%]$', '')
  return ours[name] or ours[sharp(name)]
end

-- The domain of `ours` that a line could name to some mail program, nil if none.
local function could_mean(line, ours)
  local found
  local function look(text)
    local list = tokens(text:sub(1, MOST_BYTES))
    for index, each in ipairs(list) do
      if each[1] == '@' then
        each_domain(list, index, function(name)
          found = found or find_ours(name, ours)
        end)
      end
    end
  end
  look(line)
  if line:find('[\128-\255]') then
    look(fold(line))
  end
  return found
end

-- Parts of a line between its commas: a list of {from, to, angle}, where `angle` is the index of
-- the token < if there is just one address in angle brackets; or nil and what is wrong.
local function parts(list)
  local found, part, inside = {}, { 1, 0 }, false
  for index, each in ipairs(list) do
    local kind = each[1]
    if kind == 'open' or kind == 'odd' or (kind == '<' and (inside or part.angle))
        or (kind == '>' and not inside) then
      return nil, 'can be read in more than one way'
    elseif kind == '<' then
      part.angle, inside = index, true
    elseif kind == '>' then
      part.close, inside = index, false
    elseif (kind == ',' or kind == ';') and not inside then
      part[2] = index - 1
      found[#found + 1], part = part, { index + 1, 0 }
    elseif kind == ':' and not inside and not part.angle then
      part.colon = index
    end
  end
  if inside then
    return nil, 'can be read in more than one way'
  end
  part[2] = #list
  found[#found + 1] = part
  return found
end

-- Tell whether a domain is written as it is meant.
local function is_plain_domain(name)
  if not name:find('^[%w_\128-\255-][%w._\128-\255-]*$') or name:find('..', 1, true)
      or name:sub(-1) == '.' then
    return false
  end
  return not name:find('[\128-\255]')
    or (util.is_valid_utf8(name) and fold(name) == util.lower_utf8(name))
end

-- The local part and domain that stand between two tokens; nil if it is more or less than that.
local function plain_address(list, first, last)
  local at = first
  while at <= last and LOCAL[list[at][1]] do
    at = at + 1
  end
  if at == first or at > last or list[at][1] ~= '@' then
    return nil
  end
  local user, name = '', ''
  for index = first, at - 1 do
    user = user .. list[index][2]
  end
  for index = at + 1, last do
    name = name .. list[index][2]
  end
  local is_odd = user:find('[\128-\255]') and fold(user):find('[%c ()<>@,;:\\]')
  if is_odd or not is_plain_domain(name) then
    return nil
  end
  return user, name
end

-- The first and last token of a part without blanks and comments around.
local function trimmed(list, first, last)
  while first <= last and SPACE[list[first][1]] do
    first = first + 1
  end
  while first <= last and SPACE[list[last][1]] do
    last = last - 1
  end
  return first, last
end

-- The domains a range of tokens shows behind a sign @, and how many such signs there are.
local function shown(list, first, last)
  local names, count = {}, 0
  for index = first, last do
    if list[index][1] == '@' then
      count = count + 1
      each_domain(list, index, function(name)
        names[#names + 1] = name:find('.', 2, true) and name or nil
      end)
    end
  end
  return names, count
end

-- The addresses of a line, each as {user, domain, beside}, where `beside` are domains that stand
-- unquoted in the name before or behind it; or nil and what is wrong with the line. Programs
-- agree on the addresses: whatever they could disagree about is wrong.
local function read(line)
  if #line > MOST_BYTES then
    return nil, 'is too long'
  end
  local list, found = tokens(line), {}
  local all, wrong = parts(list)
  for _, part in ipairs(all or {}) do
    local first, last, beside = part[1], part[2], {}
    if part.angle then
      beside = shown(list, first, part.angle)
      for _, name in ipairs(shown(list, part.close, last)) do
        beside[#beside + 1] = name
      end
      first, last = part.angle + 1, part.close - 1
    else
      first, last = trimmed(list, part.colon and part.colon + 1 or first, last)
    end
    local _, count = shown(list, first, last)
    if count > 0 or part.angle and first <= last then
      local user, name = plain_address(list, first, last)
      if not user then
        return nil, 'can be read in more than one way'
      end
      found[#found + 1] = { user, name, beside }
    end
  end
  if all and #found == 0 then
    return nil, 'holds no address'
  end
  return all and found, wrong
end

-- Addresses beside the real ones, in names and comments: whatever a reader would take for one,
-- given to a function as local part and domain. Blanks around its signs do not hide it.
local function each_shown(text, callback)
  text = fold(text:sub(1, 4 * MOST_BYTES)):gsub('[ \t\r\n]+', ' '):gsub(' ?([@.]) ?', '%1')
  local start = 1
  while true do
    local at = text:find('@', start, true)
    if not at then
      return
    end
    local before = text:sub(math.max(start, at - 64), at - 1)
    local user = before:reverse():match('^[^%c ()<>@,;:"%[%]]+')
    local name = text:match('^[%w_\128-\255.-]+', at + 1)
    if user and name then
      name = name:sub(1, LONGEST_DOMAIN):gsub('%.*$', '')
      if name:find('.', 2, true) then
        callback(user:reverse(), name)
      end
    end
    start = at + 1
  end
end

-- Tell whether Rspamd reads the addresses of From as we do: its checks (DMARC) and its choice of
-- a key go by its own reading.
local function agrees(task, addresses)
  local theirs = task:get_from('mime') or {}
  for index, each in ipairs(addresses) do
    if fold((theirs[index] or {}).domain or '') ~= fold(each[2]) then
      return false
    end
  end
  return #theirs == #addresses
end

-- The decoded values of all lines Rspamd knows by a name.
local function decoded(task, name)
  local found = {}
  for _, each in ipairs(task:get_header_full(name) or {}) do
    found[#found + 1] = each.decoded
  end
  return table.concat(found, ', ')
end

return {
  agrees = agrees,
  could_mean = could_mean,
  decoded = decoded,
  each_shown = each_shown,
  find_ours = find_ours,
  fold = fold,
  lines = lines,
  read = read,
}
