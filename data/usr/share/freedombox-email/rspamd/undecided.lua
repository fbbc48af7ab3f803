-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Notes in a message that the filter takes for likely spam how sure it is of that, if it is not: the
-- points, and those from which on a message is likely spam. The scripts of mailboxes with a
-- quarantine look for it. It is not sure in the lower half between likely spam and what is refused;
-- a message whose sender's domain says it is forged (DMARC) is no doubtful one. A line of this name
-- that came with a message is removed.

local NAME = 'X-FreedomBox-Undecided'

-- The points of a message, and those of likely spam, if the filter is not sure.
local function doubt(task)
  if task:get_metric_action('default') ~= 'add header' or task:has_symbol('DMARC_POLICY_QUARANTINE') then
    return nil
  end
  local points, refused = (task:get_metric_score('default') or {})[1], rspamd_config:get_metric_action('reject')
  local likely = rspamd_config:get_metric_action('add header')
  if points and likely and refused and points < (likely + refused) / 2 then
    return string.format('%.1f %.1f', points, likely)
  end
  return nil
end

local function note(task)
  local reply, found = {}, doubt(task)
  if task:has_header(NAME) then
    reply.remove_headers = { [NAME] = 0 }
  end
  if found then
    reply.add_headers = { [NAME] = { value = found, order = 1 } }
  end
  if next(reply) then
    task:set_milter_reply(reply)
  end
end

return function()
  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_UNDECIDED',
    type = 'idempotent',
    callback = note,
  }
end
