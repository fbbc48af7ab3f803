-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Whether forwarders we trust vouch for how a message came to them (ARC): a mailing list or
-- forwarder that changes a message makes it look forged.
--
-- The signatures of a chain cover its own headers, and only the last one covers the message. So
-- who has a message a trusted forwarder sealed could put its seals on another one and seal that
-- himself. Therefore each one in the chain must be trusted, not just one of them.

-- How many forwarders sealed a message, and for how many of them Rspamd found that we trust them.
local function count_seals(task)
  local trusted, points = {}, 0
  for _, symbol in ipairs(task:get_symbol('ARC_ALLOW_TRUSTED') or {}) do
    points = points + symbol.score
    for _, option in ipairs(symbol.options or {}) do
      trusted[option:match(':i=(%d+)$') or ''] = true
    end
  end
  local seals, known = task:get_header_count('ARC-Seal'), 0
  for index = 1, seals do
    known = known + (trusted[tostring(index)] and 1 or 0)
  end
  return seals, known, points
end

-- Tell whether the first forwarder found that a domain proved to have sent a message (DMARC).
local function found_genuine(first, domain)
  for _, result in ipairs(first and first.ar or {}) do
    if result.dmarc then
      return result.dmarc == 'pass' and (result['header.from'] or domain):lower() == domain
    end
  end
  return false
end

-- Tell whether a chain of trusted forwarders found a message genuine; no points mean it did not.
-- With a domain, the first of them must have found its proof: no policy to ask for is not enough.
local function is_vouched_for(task, domain)
  if not task:has_symbol('ARC_ALLOW') then
    return false
  end
  local seals, known, points = count_seals(task)
  local results = task:cache_get('arc-authres') or {}
  if seals == 0 or seals ~= known or #results ~= seals or points == 0 then
    return false
  end
  return domain == nil or found_genuine(results[1], domain)
end

-- Tell whether an intact chain, each of whose forwarders a function trusts, found that a domain
-- proved to have sent a message.
local function is_vouched_for_by(task, domain, is_trusted)
  local seals, results = task:cache_get('arc-seals') or {}, task:cache_get('arc-authres') or {}
  if not task:has_symbol('ARC_ALLOW') or #seals == 0 or #results ~= #seals then
    return false
  end
  for _, seal in ipairs(seals) do
    if not is_trusted(seal.d or '') then
      return false
    end
  end
  return found_genuine(results[1], domain)
end

return { is_vouched_for = is_vouched_for, is_vouched_for_by = is_vouched_for_by }
