-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Without Redis the filter has lost its memory: what it learnt, whom it knows, what it asked
-- to come again. Mail from outside then waits instead of getting in half filtered.

local lua_redis = require 'lua_redis'
local N = 'freedombox_redis'

return function()
  local server = lua_redis.parse_redis_server(N)

  local function wait(task)
    task:set_pre_result {
      action = 'soft reject',
      message = 'The spam filter is not ready, try again later',
      module = N,
    }
  end

  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_REDIS',
    type = 'prefilter',
    priority = 7,
    callback = function(task)
      local ip = task:get_ip()
      if task:get_user() or (ip and ip:is_valid() and ip:is_local()) then
        return
      end
      local function answered(err)
        if err then
          wait(task)
        end
      end
      if not server or
          not lua_redis.redis_make_request(task, server, nil, false, answered, 'PING', {}) then
        wait(task)
      end
    end,
  }
end
