-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Ask the virus scanner (ClamAV) about each message, in and out, by its own protocol (clamd(8)).
-- It looks into archives and into messages in messages by itself.
--
-- Rspamd's own module passes a message on when the scanner says something it does not expect, and
-- keeps in Redis for an hour what was clean by older signatures. Here only the answer "OK" lets
-- a message pass. Otherwise it waits.

local rspamd_tcp = require 'rspamd_tcp'
local util = require 'rspamd_util'

local N = 'freedombox_viruses'
local LONGEST_NAME = 80
local refuse, wait = dofile('/usr/share/freedombox-email/rspamd/answers.lua')(N)

local function have_wait(task)
  wait(task, 'The virus scanner is not ready, try again later')
end

-- What the scanner found, without what does not belong into an answer of SMTP.
local function name_of(found)
  return found:gsub('[^%w._-]', '_'):sub(1, LONGEST_NAME)
end

local function judge(task, err, answer)
  local found = not err and answer:match('^stream: (.+) FOUND$')
  if found then
    task:insert_result('FREEDOMBOX_VIRUS', 1.0, name_of(found))
    refuse(task, 'This message contains a virus: ' .. name_of(found))
  elseif err or answer ~= 'stream: OK' then
    have_wait(task)
  end
end

return function(socket, timeout)
  local function scan(task)
    local content = task:get_content()
    local started = rspamd_tcp.request {
      task = task,
      host = socket,
      port = 0,
      timeout = timeout,
      data = { util.pack('c9 c1 >I4', 'zINSTREAM', '\0', #content), content, util.pack('>I4', 0) },
      stop_pattern = '\0',
      callback = function(err, data, connection)
        if connection then
          connection:close()
        end
        judge(task, err, tostring(data or ''))
      end,
    }
    if not started then
      have_wait(task)
    end
  end

  rspamd_config:register_symbol {
    name = 'FREEDOMBOX_VIRUS',
    type = 'callback',
    callback = scan,
    score = 0.0,
    group = 'freedombox',
  }
end
