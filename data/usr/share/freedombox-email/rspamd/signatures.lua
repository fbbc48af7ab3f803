-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Which domains signed a message, as Rspamd's symbols about signatures (DKIM) say.

-- The domains of a symbol in small letters.
local function domains(task, symbol_name)
  local found = {}
  for _, symbol in ipairs(task:get_symbol(symbol_name) or {}) do
    for _, option in ipairs(symbol.options or {}) do
      found[#found + 1] = option:lower():match('^([^:]*)') or ''
    end
  end
  return found
end

-- Tell whether a symbol is about a signature of a domain.
local function is_about(task, symbol_name, domain)
  for _, signer in ipairs(domains(task, symbol_name)) do
    if signer == domain then
      return true
    end
  end
  return false
end

return { domains = domains, is_about = is_about }
