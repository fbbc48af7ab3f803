-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The patterns that can mean an address, the one that counts most first. They are the same ones
-- pattern.py knows.

local MOST_SEPARATORS = 3

return function(address)
  local user, domain = address:match('^(.*)@([^@]*)$')
  local found = { '*@' .. domain }
  for place in user:gmatch('()[-._=]') do
    if #found <= MOST_SEPARATORS and place < #user then
      table.insert(found, 1, user:sub(1, place) .. '*@' .. domain)
    end
  end
  return found
end
