# SPDX-License-Identifier: AGPL-3.0-or-later
"""No text of a stranger keeps the scanner busy, however it is made: one process scans all mail."""

import json
import smtplib
import time

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import mail

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]

# Calls each of our functions over strangers' text with 1 MB of each kind, and tells the seconds.
RULES = r"""
local folder = '/usr/share/freedombox-email/rspamd/'
local header = dofile(folder .. 'header.lua')
local ours = { ['example.test'] = 'example.test' }
local pieces = {
  'a', ' ', '(', ')', '((', '()', '(\\', '"', '""', '"\\', '\\', '<', '>', '<>', '@', 'a@', '@.',
  '@a.', '.', 'a.', ',', 'a@b,', ':', ';', '[', ']', '=?', '=?utf-8?q?=40?= ', '\r', '\n', '\r\n ',
  '\nFrom', '\nFrom:', '\nFrom ', '\nSender: a\n ', '\226\128\139', '\195\159', '\227\128\130',
  '\128', '\0', '@ ', '@()', '@"', ' @', '. ', '-',
}
local function nothing() end
local tasks = {
  lines = function(text) header.lines { get_raw_headers = function() return text end } end,
  read = function(text) header.read(text) end,
  ['read what is short'] = function(text) header.read(text:sub(1, header.MOST_BYTES)) end,
  could_mean = function(text) header.could_mean(text, ours) end,
  each_shown = function(text) header.each_shown(text, nothing) end,
  fold = function(text) header.fold(text) end,
  find_ours = function(text) header.find_ours(text, ours) end,
}
for name, run in pairs(tasks) do
  local most, worst = 0, ''
  for _, piece in ipairs(pieces) do
    for _, text in ipairs { piece:rep(1000000 / #piece), piece:rep(999999 / #piece) .. 'x' } do
      local start = os.clock()
      run(text)
      run('From:a@' .. text)
      local took = os.clock() - start
      if took > most then
        most, worst = took, piece
      end
    end
  end
  print(string.format('["%s", %.3f, "%s"]', name, most, (worst:gsub('.', function(c)
    return string.format('%02x', c:byte())
  end))))
end
"""
PIECES = [
    'a',
    '(',
    ')',
    '"',
    '"\\',
    '<',
    '@',
    'a@',
    '@.',
    'a@b,',
    ' ',
    '=?utf-8?q?=40?= ',
    'a ',
    '.',
]
LONGEST = 95_000  # what Postfix lets a header line have, nearly
PATIENCE = 8.0  # seconds; a quadratic pattern took 27 on an idle machine


def test_rules_are_linear(box: Host) -> None:
    box.run('tee', '/tmp/rules.lua', stdin=RULES)
    try:
        said = box.run('rspamadm', 'lua', '/tmp/rules.lua')
    finally:
        box.run('rm', '/tmp/rules.lua')
    took = [json.loads(line) for line in said.splitlines() if line.startswith('[')]
    assert len(took) == 7, said
    slow = [each for each in took if each[1] > 3]
    assert not slow, f'Functions, CPU seconds and bytes they are slow with: {slow}'


def _content(name: str, piece: str) -> bytes:
    long = (piece * LONGEST)[:LONGEST]
    other = '' if name == 'From' else f'From: {BOB.address}\r\n'
    return (
        f'{other}{name}: {long}\r\nTo: {ALICE.address}\r\nSubject: long\r\n'
        'Date: Fri, 27 Nov 2026 10:00:00 +0000\r\n\r\nHello.\r\n'
    ).encode()


@pytest.mark.parametrize('piece', PIECES)
def test_a_long_from_line_is_refused_at_once(box: Host, piece: str) -> None:
    start = time.monotonic()
    with smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=60) as session:
        content = _content('From', piece)
        code, text = mail.answer(lambda: session.sendmail(CAROL.address, ALICE.address, content))
    took = time.monotonic() - start
    assert code >= 500, f'{code} {text}'
    assert took < PATIENCE, f'All mail stood still for {took:.1f} s'


@pytest.mark.parametrize('name', ['From', 'Sender', 'Resent-From', 'Message-ID', 'List-Id'])
def test_long_lines_after_a_login(box: Host, name: str) -> None:
    start = time.monotonic()
    with mail.submission(box.ip, BOB.username, BOB.password) as session:
        for piece in ('a@', '(', '"'):
            content = _content(name, piece)
            mail.answer(lambda sent=content: session.sendmail(BOB.address, CAROL.address, sent))
    took = time.monotonic() - start
    assert took < 2 * PATIENCE, f'All mail stood still for {took:.1f} s'
