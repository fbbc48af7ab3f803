# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ask the daemons themselves whether they would take a changed configuration.

Dovecot and Rspamd bring a checker that reads everything. Postfix does not: `postfix check`
looks at folders and the few values every program needs, and `postconf` at names. A wrong
value of a single program is found only when that program starts, so here each program of
master.cf is started once by hand, with the options master.cf gives it and nothing to do; a
wrong word in a list of restrictions is found only when a client comes, so each SMTP server
is also told of one message to its postmaster, which is never sent.

A warning is held against a change only if the configuration in use does not earn it too.

DIAGNOSTICS
    postfix-refused, dovecot-refused, rspamd-refused  the daemon would not take it; its own
        words are in the detail
    check-failed  a checker could not be run or did not end
"""

import re
import smtplib
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..errors import MailError
from .stage import ENVIRONMENT, Ran, Stage, run

POSTFIX = '/usr/sbin/postfix'
POSTCONF = '/usr/sbin/postconf'
DOVECONF = '/usr/bin/doveconf'
RSPAMADM = '/usr/bin/rspamadm'
POSTFIX_PROGRAMS = Path('/usr/lib/postfix/sbin')

STARTABLE = frozenset({'smtpd', 'smtp', 'lmtp', 'cleanup', 'bounce', 'local', 'pipe', 'proxymap',
                       'error', 'discard'})
"""Postfix programs that, started by hand without input, end at once and touch nothing."""

DIALOGUE_OPTIONS = (
    'mynetworks=',  # else we are let in before the first restriction of ours is read
    'smtpd_error_sleep_time=0', 'smtpd_milters=', 'smtpd_tls_wrappermode=no',
    'smtpd_tls_security_level=none', 'smtpd_proxy_filter=', 'smtpd_upstream_proxy_protocol=')
"""What keeps a conversation by hand from waiting for anybody else."""

DIALOGUE_SECONDS = 10.0
MISCONFIGURED = b'4.3.5 Server configuration error'


def _refuse(daemon: str, words: str) -> MailError:
    return MailError(f'{daemon.lower()}-refused',
                     f'{daemon} does not accept the new settings. Nothing was changed.',
                     words.strip()[-4000:])


def _complaints(text: str) -> set[str]:
    """Return warnings without what differs from run to run: process and line numbers."""
    lines = re.findall('.*(?:warning|error|fatal|panic).*', text, re.IGNORECASE)
    return {re.sub(r'\[\d+\]|, line \d+', '', line) for line in lines}


def _compare(daemon: str, stage: Stage, *program: str) -> str:
    """Run a checker; refuse if it fails or warns of something new. Return what it printed."""
    ran = stage.run(*program)
    if ran.code:
        raise _refuse(daemon, ran.errors or ran.output)
    if new := _complaints(ran.errors) - _complaints(run(program).errors):
        raise _refuse(daemon, '\n'.join(sorted(new)))
    return ran.output


@dataclass(frozen=True)
class Service:
    """A program of master.cf with its options."""

    program: str
    options: tuple[str, ...]


def _words(line: str) -> Iterator[str]:
    """Split a line of master.cf; `{ a b }` is one word."""
    for match in re.finditer(r'\{((?:[^{}]|\{[^{}]*\})*)\}(?=\s|$)|\S+', line):
        yield match.group(0) if match.group(1) is None else match.group(1).strip()


def services(master: str) -> tuple[Service, ...]:
    """Return the distinct programs in the output of `postconf -M`."""
    found: dict[Service, None] = {}
    for line in master.splitlines():
        program, *rest = list(_words(line))[7:]
        options = tuple(word for flag, value in pairwise(rest)
                        if flag == '-o' for word in ('-o', value))
        found[Service(program, options)] = None
    return tuple(found)


def _start(stage: Stage, service: Service) -> None:
    """Start a program of Postfix with nothing to do."""
    ran = stage.run(str(POSTFIX_PROGRAMS / service.program), '-S', *service.options)
    if ran.code or re.search(r': (fatal|panic): ', ran.errors):
        raise _refuse('Postfix', ran.errors)


def _converse(connection: smtplib.SMTP, recipient: str) -> bool:
    """Name a sender and a recipient; tell whether the server found itself misconfigured."""
    connection.getreply()
    commands = ('EHLO localhost', 'MAIL FROM:<>', f'RCPT TO:<{recipient}>', 'RSET')
    return any(MISCONFIGURED in connection.docmd(command)[1] for command in commands)


def _talk(stage: Stage, service: Service, recipient: str) -> None:
    """Let an SMTP server judge one recipient by all its restrictions."""
    overrides = [word for option in DIALOGUE_OPTIONS for word in ('-o', option)]
    command = stage.command(str(POSTFIX_PROGRAMS / service.program), '-S', '-u',
                            *service.options, *overrides)
    ours, theirs = socket.socketpair()
    ours.settimeout(DIALOGUE_SECONDS)
    stage.read_log()
    with ours, theirs, subprocess.Popen(command, stdin=theirs.fileno(),
                                        stdout=theirs.fileno(), stderr=subprocess.DEVNULL,
                                        cwd='/', env=ENVIRONMENT) as server:
        theirs.close()
        connection = smtplib.SMTP()
        connection.sock = ours
        misconfigured = False
        # A server that is slow (a dead DNS server, say) or hangs up has not refused anything.
        with suppress(OSError, smtplib.SMTPException):
            misconfigured = _converse(connection, recipient)
        connection.close()
        try:
            server.wait(1)
        except subprocess.TimeoutExpired:
            server.kill()
    if misconfigured:
        raise _refuse('Postfix', stage.read_log())


def _check_postfix(stage: Stage) -> None:
    ran = stage.run(POSTFIX, 'check')
    if ran.code:
        raise _refuse('Postfix', ran.errors)
    _compare('Postfix', stage, POSTCONF, '-n')
    _compare('Postfix', stage, POSTCONF, '-P')
    master = _compare('Postfix', stage, POSTCONF, '-M')
    host = stage.run(POSTCONF, '-hx', 'myhostname').output.strip()
    for service in services(master):
        if service.program in STARTABLE:
            _start(stage, service)
        if service.program == 'smtpd':
            _talk(stage, service, f'postmaster@{host}')


def _check_dovecot(stage: Stage) -> None:
    _compare('Dovecot', stage, DOVECONF, '-n')


def _check_rspamd(stage: Stage) -> None:
    ran: Ran = stage.run(RSPAMADM, 'configtest')
    if ran.code:
        raise _refuse('Rspamd', ran.errors + ran.output)


CHECKS: dict[str, tuple[str, Callable[[Stage], None]]] = {
    '/etc/postfix': (POSTFIX, _check_postfix),
    '/etc/dovecot': (DOVECONF, _check_dovecot),
    '/etc/rspamd': (RSPAMADM, _check_rspamd),
}


def check(stage: Stage) -> None:
    """Refuse what a daemon on this machine would refuse."""
    for tree, (program, checker) in CHECKS.items():
        if tree in stage.trees and Path(program).exists():
            checker(stage)
