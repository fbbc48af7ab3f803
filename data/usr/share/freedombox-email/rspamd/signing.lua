-- SPDX-License-Identifier: AGPL-3.0-or-later
-- As which of our domains a message is signed: the one in From, whichever way it is written
-- there. A signature always names the encoded domain, for only that stands in DNS.
--
-- Returns a function that takes our domains, as freedombox-email.lua does, and returns the one
-- Rspamd's dkim_signing asks for each message (`use_domain_custom`).

local util = require 'rspamd_util'

return function(domains)
  return function(task)
    local from = (task:get_from('mime') or {})[1]
    return from and domains[util.lower_utf8(from.domain or '')]
  end
end
