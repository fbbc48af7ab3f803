# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures for tests that run on the developer's machine against the lab."""

import contextlib
import re
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import pytest

from lab import container, freedombox, settings
from lab.host import LabError
from lab.settings import LabUser, Machine
from lab.web import Browser


@dataclass(frozen=True)
class Host:
    """A machine of the lab: its address, its people, and commands run in it as root."""

    machine: Machine
    users: tuple[LabUser, ...]

    @property
    def ip(self) -> str:
        """The machine's address."""
        return self.machine.ip

    def run(self, *arguments: str, check: bool = True, stdin: str | bytes | None = None) -> str:
        """Run a command as root and return what it printed."""
        done = container.execute(self.machine, arguments, check=check, stdin=stdin)
        return done.stdout + ('' if check else done.stderr)

    def succeeds(self, *arguments: str) -> bool:
        """Whether a command ends with status 0."""
        return container.execute(self.machine, arguments, check=False).returncode == 0

    def journal_since(self) -> Callable[..., str]:
        """The function that reads the journal from now on, with more options of journalctl(1)."""
        said = self.run('journalctl', '-n0', '--show-cursor')
        cursor = said.partition('-- cursor: ')[2].strip()
        assert cursor, 'the journal has no cursor'
        words = ('journalctl', '-q', '--no-pager', f'--after-cursor={cursor}')
        return lambda *options: self.run(*words, *options)

    def browser(self, user: LabUser = settings.ADMIN) -> Browser:
        """A session on the web interface."""
        return freedombox.log_in(self.machine, user)


@pytest.fixture(scope='session')
def box() -> Host:
    """The FreedomBox with our app."""
    return Host(settings.BOX, settings.USERS)


@pytest.fixture(scope='session')
def outside() -> Host:
    """The ordinary mail host elsewhere."""
    return Host(settings.OUTSIDE, settings.OUTSIDE_USERS)


@pytest.fixture(scope='module')
def forgiven(box: Host) -> None:
    """Have the box forget the wrong passwords of tests before: all come from one address."""
    box.run('systemctl', 'restart', 'freedombox-email-auth-policy.service')
    box.run('fail2ban-client', 'unban', '--all')


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the box wrote to its journal at last to the report on a test that fails."""
    report = yield
    host = getattr(item, 'funcargs', {}).get('box')
    if report.failed and host is not None:
        with contextlib.suppress(LabError, AssertionError):  # the box may be off just now
            said = host.run('journalctl', '-q', '--no-pager', '-n80', '-o', 'short-precise')
            lines = (line[:240] for line in said.splitlines())
            report.sections.append(("the box's journal", '\n'.join(lines)))
    return report


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line('markers', 'journal_may_say(pattern): errors this test provokes')


# Said by the platform on any container of this kind, whatever we do.
_USUAL = (
    r'avahi-daemon.*(dumb|Failed to)',
    r'pam_.*',
    r'systemd-networkd.*',
    r'rspamd.*(map_dns_callback|resolve_addrs|fuzzy_parse_rule)',  # it cannot reach the internet
    r'rspamd.*short read of control command',  # a worker saw its master end
    r'(dovecot|doveadm).*(LIST request|userdb list|iterate)',  # slapd went while mail was indexed
)


@pytest.fixture
def quiet_journal(box: Host, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test after which the box's journal holds an unexpected error."""
    begun = time.time()
    yield
    allowed = [
        *_USUAL,
        *[str(mark.args[0]) for mark in request.node.iter_markers('journal_may_say')],
    ]
    said = box.run('journalctl', '-q', f'--since=@{begun:.6f}', '-o', 'short', '-p', 'err')
    rude = [line for line in said.splitlines() if not any(re.search(p, line) for p in allowed)]
    assert not rude, 'The journal holds errors:\n' + '\n'.join(rude)
