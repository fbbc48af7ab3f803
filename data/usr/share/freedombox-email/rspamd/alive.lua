-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Whether DNS answers at all. Returns a function that asks for two names which no cache knows, one
-- below a domain of ours and one without a top-level domain that exists, so that the root servers
-- answer. It calls `heard` once: with false as soon as either is answered, with true when both
-- are met with silence. Name servers of our own that are slow are so no reason to do without DNS.
--
-- The second name has two labels, because systemd-resolved asks no server about a single one.

local function is_silence(err)
  return err ~= nil and err:find('time', 1, true) ~= nil
end

local function unknown_names(domain)
  local one, other = math.random(0x7fffffff), math.random(0x7fffffff)
  return { string.format('dns-probe-%x.%s', one, domain),
    string.format('%x.dns-probe-%x', one, other) }
end

-- `resolve` asks for a name and calls its second argument with the error; it tells whether it could.
return function(domain, resolve, heard)
  local names, is_told = unknown_names(domain), false
  local waiting = #names

  local function done(err)
    waiting = waiting - 1
    if not is_told and (not is_silence(err) or waiting == 0) then
      is_told = true
      heard(is_silence(err))
    end
  end

  for _, name in ipairs(names) do
    if not resolve(name, done) then
      waiting = waiting - 1
    end
  end
  return waiting > 0
end
