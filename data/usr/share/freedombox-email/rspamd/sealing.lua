-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The key by which a message that is passed on is sealed (ARC): that of the domain it is passed on
-- from. Mail that stays here is not sealed.
--
-- Returns a function that takes the keys of our domains, and returns the one Rspamd's module `arc`
-- asks for each message (`sign_condition`).

local privkey = require 'rspamd_rsa_privkey'
local util = require 'rspamd_util'

-- Have a key read once, and again when its file has changed. The module reads it for each message,
-- which takes as long as using it.
local function remember_keys()
  local load, known = privkey.load_file, {}
  privkey.load_file = function(path)
    local err, state = util.stat(path)
    local version = not err and state.mtime or nil
    if not version or not known[path] or known[path].version ~= version then
      known[path] = { version = version, key = load(path) }
    end
    return known[path].key
  end
end

return function(keys)
  remember_keys()
  return function(task)
    return keys[task:get_mempool():get_variable('freedombox_passed_on_from') or ''] or false
  end
end
