-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The rules of FreedomBox's Email app. Returns a function that takes our mail domains, as a
-- table from each way of writing one (with letters such as ü, or encoded as xn--…) to the
-- encoded one, the names of this machine that are no mail domains, and the primary domain, and
-- registers all rules; lua.local.d/freedombox-email.lua calls it.

local folder = '/usr/share/freedombox-email/rspamd/'

return function(domains, hosts, primary)
  dofile(folder .. 'senders.lua')(domains)
  dofile(folder .. 'strangers.lua')(domains, hosts)
  dofile(folder .. 'once.lua')()
  dofile(folder .. 'cut.lua')()
  dofile(folder .. 'outgoing.lua')()
  dofile(folder .. 'redis.lua')()
  dofile(folder .. 'policy.lua')()
  dofile(folder .. 'hidden.lua')()
  dofile(folder .. 'second.lua')()
  dofile(folder .. 'author.lua')()
  dofile(folder .. 'undecided.lua')()
  dofile(folder .. 'forwards.lua')(domains, primary)
  freedombox_memory = dofile(folder .. 'memory.lua')
  freedombox_memory.configure()
  dofile(folder .. 'lists.lua')()
  dofile(folder .. 'greylist.lua')()
  dofile(folder .. 'dns.lua')(domains)
end
