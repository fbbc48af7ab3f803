-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Tell whether a message came from another host without a login.

return function(task)
  if task:get_user() then
    return false
  end
  local ip = task:get_ip()
  if not ip or not ip:is_valid() then
    return false
  end
  local text = ip:to_string()
  return text:sub(1, 4) ~= '127.' and text ~= '::1'
end
