-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Ask FreedomBox's directory (LDAP) for entries by address. Rspamd has no LDAP client, so this
-- speaks the three messages of RFC 4511 we need: bind, search, result. slapd knows who asks by
-- the user at the other end of its local socket (SASL EXTERNAL), so no password is involved.

local rspamd_tcp = require 'rspamd_tcp'

local SOCKET = '/run/slapd/ldapi'
local BASE = 'ou=mail,dc=thisbox'
local TIMEOUT = 5.0

local INTEGER, OCTETS, ENUMERATED, BOOLEAN, SEQUENCE = 0x02, 0x04, 0x0a, 0x01, 0x30
local BIND, SEARCH, ENTRY = 0x60, 0x63, 0x64
local SASL, OR, EQUAL = 0xa3, 0xa1, 0xa3

-- How an answer ends that reports success: code 0, no name, no text.
local SUCCESS = '\10\1\0\4\0\4\0'

-- Return one element of BER: a tag, the length of the content, the content.
local function element(tag, content)
  local length = #content
  if length < 128 then
    return string.char(tag, length) .. content
  end
  return string.char(tag, 0x82, math.floor(length / 256), length % 256) .. content
end

local function equal(attribute, value)
  return element(EQUAL, element(OCTETS, attribute) .. element(OCTETS, value))
end

local function bind_request()
  return element(SEQUENCE, element(INTEGER, '\1') .. element(BIND,
    element(INTEGER, '\3') .. element(OCTETS, '')
    .. element(SASL, element(OCTETS, 'EXTERNAL') .. element(OCTETS, ''))))
end

-- Return the search for at most so many entries with any of the given (attribute, value) pairs.
local function search_request(pairs_wanted, attributes, most)
  local any, wanted = {}, {}
  for _, pair in ipairs(pairs_wanted) do
    any[#any + 1] = equal(pair[1], pair[2])
  end
  for _, name in ipairs(attributes) do
    wanted[#wanted + 1] = element(OCTETS, name)
  end
  return element(SEQUENCE, element(INTEGER, '\2') .. element(SEARCH,
    element(OCTETS, BASE)
    .. element(ENUMERATED, '\2') -- the whole subtree
    .. element(ENUMERATED, '\0') -- follow no aliases
    .. element(INTEGER, string.char(most))
    .. element(INTEGER, '\5')    -- and seconds
    .. element(BOOLEAN, '\0')    -- values, not only names
    .. element(OR, table.concat(any))
    .. element(SEQUENCE, table.concat(wanted))))
end

-- Return tag, first and last position of the content of the element at a position, and the
-- position after it; nil if it is not all there yet.
local function read_element(data, position)
  local tag, length = data:byte(position, position + 1)
  if not length then
    return nil
  end
  local first = position + 2
  if length >= 0x80 then
    local count = length - 0x80
    length = 0
    for index = first, first + count - 1 do
      local byte = data:byte(index)
      if not byte then
        return nil
      end
      length = length * 256 + byte
    end
    first = first + count
  end
  if first + length - 1 > #data then
    return nil
  end
  return tag, first, first + length - 1, first + length
end

-- Return the elements inside a range as a list of {tag, first, last}.
local function children(data, first, last)
  local list = {}
  while first <= last do
    local tag, from, to, after = read_element(data, first)
    if not tag then
      break
    end
    list[#list + 1] = { tag, from, to }
    first = after
  end
  return list
end

local function text(data, child)
  return data:sub(child[2], child[3])
end

-- Return an entry as a table from attribute name to its list of values.
local function read_entry(data, operation)
  local entry = {}
  local parts = children(data, operation[2], operation[3])
  for _, attribute in ipairs(children(data, parts[2][2], parts[2][3])) do
    local pair = children(data, attribute[2], attribute[3])
    local values = {}
    for _, value in ipairs(children(data, pair[2][2], pair[2][3])) do
      values[#values + 1] = text(data, value)
    end
    entry[text(data, pair[1])] = values
  end
  return entry
end

-- Return the entries in what the server answered to a search.
local function read_entries(data)
  local entries, position = {}, 1
  while true do
    local tag, first, last, after = read_element(data, position)
    if not tag then
      return entries
    end
    local operation = children(data, first, last)[2]
    if operation and operation[1] == ENTRY then
      entries[#entries + 1] = read_entry(data, operation)
    end
    position = after
  end
end

-- Find entries, at most 20 unless told (up to 127), also such as are switched off; calls back with
-- a list of them, or with nil if that is unknown.
-- Both requests are sent at once: slapd takes up the second when it has answered the first.
-- An answer that is no success never shows SUCCESS and so ends as a timeout.
local function find(task, pairs_wanted, attributes, callback, most)
  local function found(err, data, connection)
    connection:close()
    callback(not err and read_entries(tostring(data)) or nil)
  end

  local function bound(err, _, connection)
    if err then
      return callback(nil)
    end
    connection:add_read(found, SUCCESS)
  end

  local started = rspamd_tcp.request {
    task = task,
    host = SOCKET,
    port = 0,
    timeout = TIMEOUT,
    data = { bind_request(), search_request(pairs_wanted, attributes, most or 20) },
    stop_pattern = SUCCESS,
    callback = bound,
  }
  if not started then
    callback(nil)
  end
end

return find
