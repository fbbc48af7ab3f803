# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ask the daemons themselves whether they would take a changed configuration.

Dovecot and Rspamd bring a checker that reads everything. Postfix does not: `postfix check`
looks at folders and the few values every program needs, and `postconf` at names. The rest
is found only by a program of Postfix at work, so

- each program of master.cf that can is started once by hand, with the options it has there;
- each SMTP server is told of one message to the postmaster, never sent, because a wrong
  word in a list of restrictions is found only when a client comes;
- what the queue manager reads is compared with the kind of its default: the queue manager
  cannot be started twice, and would stop all mail over one bad number.

The first two need a Postfix at work. Where it is stopped they are left out, and what they
would have found is found when it starts: its ports do not answer, and all is taken back.

A warning is held against a change only if the configuration in use does not earn it too. What
stops a daemon from starting always is.

DIAGNOSTICS
    postfix-refused, dovecot-refused, rspamd-refused  the daemon would not take it; its own
        words are in the detail
    postfix-unreadable, dovecot-unreadable  the daemon does not take the files in use either
    check-failed  a checker could not be run or did not end
"""

import re
import smtplib
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from ..errors import MailError
from ..system import files
from ..system.programs import ENVIRONMENT, Ran
from .sandbox import Sandbox

POSTFIX = '/usr/sbin/postfix'
POSTCONF = '/usr/sbin/postconf'
DOVECONF = '/usr/bin/doveconf'
RSPAMADM = '/usr/bin/rspamadm'
POSTFIX_PROGRAMS = Path('/usr/lib/postfix/sbin')

STARTABLE = frozenset(
    {'smtpd', 'smtp', 'lmtp', 'cleanup', 'local', 'pipe', 'proxymap', 'error', 'discard'}
)
"""Postfix programs that, started by hand without a client, end at once and touch nothing."""

NO_LOGIN = ('-o', 'smtpd_sasl_auth_enable=no')
"""Whom to ask about logins may be part of the very change: Dovecot does not listen there yet."""

DIALOGUE_OPTIONS = (
    'notify_classes=',  # else the postmaster is sent what the caller is told
    'mynetworks=',  # else we are let in before the first restriction of ours is read
    'smtpd_error_sleep_time=0',
    'smtpd_milters=',
    'smtpd_tls_wrappermode=no',
    'smtpd_tls_security_level=none',
    'smtpd_proxy_filter=',
    'smtpd_upstream_proxy_protocol=',
)
"""Settings that keep a conversation by hand from waiting for another program."""

KINDS = (re.compile(r'\d+'), re.compile(r'\d+[smhdw]'), re.compile('yes|no'))
ANY_KIND = frozenset({'compatibility_level', 'lmtp_tcp_port'})
"""Parameters whose default looks like a number but that take words as well."""

DIALOGUE_SECONDS = 5.0
MISCONFIGURED = b'4.3.5 Server configuration error'


def _refuse(daemon: str, words: str) -> MailError:
    return MailError(f'{daemon.lower()}-refused', words.strip()[-4000:])


def _unreadable(daemon: str, ran: Ran) -> MailError:
    words = (ran.errors or ran.output).strip()[-4000:]
    return MailError(f'{daemon.lower()}-unreadable.refused', words)


def _complaints(text: str) -> tuple[str, ...]:
    """Each warning once, without what differs from run to run: process and line."""
    lines = re.findall('.*(?:warning|error|fatal|panic).*', text, re.IGNORECASE)
    return tuple(dict.fromkeys(re.sub(r'\[\d+\]|, line \d+', '', line) for line in lines))


def _is_idle(complaint: str) -> bool:
    """Whether a parameter is not used any more that is set already."""
    found = re.search(r'unused parameter: (\w+)=', complaint)
    in_use = files.read('/etc/postfix/main.cf').text
    return bool(found and re.search(rf'^{found[1]}[ \t]*=', in_use, re.MULTILINE))


def _compare(
    daemon: str, stage: Sandbox, run: Callable[[Sandbox], Ran], is_checker: bool = False
) -> str:
    """The output of a checker; refused when it has a complaint it has not now.

    What a checker of all files fails at is never earned: the daemon runs on only until its next
    start, and nothing counts as done before that is mended.
    """
    ran = run(stage)
    complaints = _complaints(ran.errors)
    if complaints or ran.code:
        before = run(stage.unchanged)
        if is_checker and ran.code and before.code:
            raise _unreadable(daemon, ran)
        known = _complaints(before.errors)
        new = [each for each in complaints if each not in known and not _is_idle(each)]
        if new or (ran.code and not before.code):
            raise _refuse(daemon, '\n'.join(new) or ran.errors or ran.output)
    return ran.output


def _ask(daemon: str, stage: Sandbox, *program: str) -> str:
    """The output of a checker; an error when it fails or finds something new."""
    return _compare(daemon, stage, lambda place: place.run(*program), is_checker=True)


@dataclass(frozen=True)
class MasterProgram:
    """A program of master.cf with its options."""

    program: str
    options: tuple[str, ...]


def _words(line: str) -> Iterator[str]:
    """Split a line of master.cf; `{ a b }` is one word."""
    for match in re.finditer(r'\{((?:[^{}]|\{[^{}]*\})*)\}(?=\s|$)|\S+', line):
        yield match.group(0) if match.group(1) is None else match.group(1).strip()


def services(master: str) -> tuple[MasterProgram, ...]:
    """The distinct programs in the output of `postconf -M`."""
    found: dict[MasterProgram, None] = {}
    for line in master.splitlines():
        program, *rest = list(_words(line))[7:]
        options = tuple(
            word for flag, value in pairwise(rest) if flag == '-o' for word in ('-o', value)
        )
        found[MasterProgram(program, options)] = None
    return tuple(found)


def _start(stage: Sandbox, service: MasterProgram) -> Ran:
    """Start a program of Postfix for a client that hangs up at once."""
    program = str(POSTFIX_PROGRAMS / service.program)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.shutdown(socket.SHUT_WR)
        return stage.run(program, '-S', *service.options, *NO_LOGIN, client=theirs)


def _converse(connection: smtplib.SMTP, host: str) -> bool:
    """Name a sender and recipients; tell whether the server found itself misconfigured."""
    connection.getreply()
    recipients = (f'RCPT TO:<postmaster@{name}>' for name in (host, 'localhost'))
    commands = ('EHLO localhost', 'MAIL FROM:<>', *recipients, 'RSET')
    return any(MISCONFIGURED in connection.docmd(command)[1] for command in commands)


def _talk(stage: Sandbox, service: MasterProgram, host: str) -> None:
    """Let an SMTP server judge recipients by all its restrictions."""
    overrides = [*NO_LOGIN, *(word for option in DIALOGUE_OPTIONS for word in ('-o', option))]
    command = stage.command(
        str(POSTFIX_PROGRAMS / service.program), '-S', '-u', *service.options, *overrides
    )
    ours, theirs = socket.socketpair()
    ours.settimeout(DIALOGUE_SECONDS)
    stage.read_log()
    with (
        ours,
        theirs,
        subprocess.Popen(
            command,
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            cwd='/',
            env=ENVIRONMENT,
        ) as server,
    ):
        theirs.close()
        connection = smtplib.SMTP()
        connection.sock = ours
        misconfigured = False
        # A server that is slow (a dead DNS server, say) or hangs up has not refused anything.
        with suppress(OSError, smtplib.SMTPException):
            misconfigured = _converse(connection, host)
        connection.close()
        try:
            server.wait(1)
        except subprocess.TimeoutExpired:
            server.kill()
    if misconfigured:
        raise _refuse('Postfix', '\n'.join(_complaints(stage.read_log())))


def _values(stage: Sandbox, *arguments: str) -> dict[str, str]:
    """Postfix's parameters with their expanded values."""
    lines = stage.run(POSTCONF, '-x', *arguments).output.splitlines()
    return {name: value for name, _, value in (line.partition(' = ') for line in lines)}


def mistyped(changed: dict[str, str], defaults: dict[str, str]) -> tuple[str, ...]:
    """Values that are not of the kind their default shows: number, time, yes or no."""
    wrong = []
    for name, value in changed.items():
        if name in ANY_KIND:
            continue
        for kind in KINDS:
            if kind.fullmatch(defaults.get(name, '')) and not kind.fullmatch(value):
                wrong.append(f'{name} = {value}: expected a value like {defaults[name]}')
    return tuple(wrong)


def _check_types(stage: Sandbox) -> None:
    """Refuse values that would end the queue manager, which cannot be started twice."""
    now = _values(stage.unchanged, '-n')
    changed = dict(_values(stage, '-n').items() - now.items())
    if wrong := mistyped(changed, _values(stage, '-d')):
        raise _refuse('Postfix', '\n'.join(wrong))


def _check_postfix(stage: Sandbox) -> None:
    _ask('Postfix', stage, POSTFIX, 'check')
    for option in ('-n', '-M', '-P'):
        _ask('Postfix', stage, POSTCONF, option)
    _check_types(stage)
    if stage.unchanged.run(POSTFIX, 'status').code == 0:
        _try_programs(stage)


def _try_programs(stage: Sandbox) -> None:
    """Start programs by hand; they ask others of Postfix, and wait for ever when it is stopped."""
    for path in ('/etc/postfix/main.cf', '/etc/postfix/master.cf'):
        # The proxy at work refuses tables it does not know yet; have them opened directly.
        stage.rewrite(path, lambda text: re.sub(rb'\bproxy:(?=\w+:)', b'', text))
    host = stage.run(POSTCONF, '-hx', 'myhostname').output.strip()
    for service in services(stage.run(POSTCONF, '-M').output):
        if service.program in STARTABLE:
            _compare('Postfix', stage, partial(_start, service=service))
        if service.program == 'smtpd':
            _talk(stage, service, host)


def _check_dovecot(stage: Sandbox) -> None:
    _ask('Dovecot', stage, DOVECONF, '-n')


def _check_rspamd(stage: Sandbox) -> None:
    ran = stage.run(RSPAMADM, 'configtest')
    if ran.code:
        raise _refuse('Rspamd', ran.errors + ran.output)


CHECKS: dict[str, tuple[str, Callable[[Sandbox], None]]] = {
    '/etc/postfix': (POSTFIX, _check_postfix),
    '/etc/dovecot': (DOVECONF, _check_dovecot),
    '/etc/rspamd': (RSPAMADM, _check_rspamd),
}


def check(stage: Sandbox) -> None:
    """Refuse a configuration that a daemon on this machine would refuse."""
    for tree, (program, checker) in CHECKS.items():
        if tree in stage.trees and Path(program).exists():
            checker(stage)
