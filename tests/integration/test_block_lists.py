# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of senders in DNS count, lists that are dead do not, and fetched lists stay fresh."""

import functools
import http.server
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import dns, life, settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail
from .webserver import answering

BOB = settings.USERS[1]
CAROL = settings.OUTSIDE_USERS[0]
_LISTED = '.'.join(reversed(settings.GATEWAY.split('.')))
_GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n'
_RULE = '/etc/rspamd/local.d/multimap.conf'
_FETCHING = '/etc/rspamd/local.d/options.inc'


_WORDS = """
freedombox_test {{ type = "header"; header = "subject"; regexp = true;
  map = "http://{place}/words.map"; symbol = "FRESH_WORD"; score = 0.1; }}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A web server with files."""

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def says(box: Host) -> Iterator[Callable[..., None]]:
    """The function that has a list answer about the host that brings mail, from now on."""

    def publish(name: str, *answers: str) -> None:
        lines = '\n'.join(f'{_LISTED} A {answer}' for answer in answers)
        dns.publish([*life.zones(), dns.LabZone(name, lines)])
        box.run('resolvectl', 'flush-caches')

    yield publish
    life.publish_zones()
    box.run('resolvectl', 'flush-caches')


def _rules_met(box: Host, subject: str = 'Hello') -> str:
    """The rules that a new message of a stranger meets."""
    sent = mail.message(CAROL.address, BOB.address, subject=f'{subject} {uuid.uuid4()}')
    mail.deliver_in_time(box.ip, sent)
    return str(mail.parsed(mail.wait_for(box.ip, BOB, sent))['X-Spamd-Result'])


def test_a_list_that_is_alive_counts(box: Host, says: Callable[..., None]) -> None:
    says('zen.spamhaus.org', '127.0.0.11')
    assert 'RBL_SPAMHAUS_PBL' in _rules_met(box)


def test_a_list_that_refuses_to_answer_is_no_verdict(box: Host, says: Callable[..., None]) -> None:
    says('zen.spamhaus.org', '127.255.255.254')
    assert 'SPAMHAUS_BLOCKED_OPENRESOLVER(0.00)' in _rules_met(box)


@pytest.mark.parametrize(
    ('name', 'answer'),
    [('score.senderscore.com', '127.0.4.3'), ('bl.score.senderscore.com', '127.0.0.1')],
)
def test_a_dead_list_is_not_asked(
    box: Host, says: Callable[..., None], name: str, answer: str
) -> None:
    says(name, answer)
    assert 'SENDERSCORE' not in _rules_met(box)


def _learned_by_all(box: Host) -> int:
    """The junk messages that the shared memory learned."""
    return int(box.run('redis-cli', '-s', mail.REDIS, 'HGET', 'RS', 'learns_spam').strip() or 0)


def test_the_shared_memory_learns_from_what_lists_refuse(
    box: Host, says: Callable[..., None]
) -> None:
    """But not from what other rules refuse."""
    says('zen.spamhaus.org', '127.0.0.2', '127.0.0.4', '127.0.0.9', '127.0.0.3')
    before = _learned_by_all(box)
    words = ' '.join(f'pill{uuid.uuid4().hex[:8]}' for _ in range(60))
    sent = mail.message(CAROL.address, BOB.address, f'{words}\n')
    code, _said = mail.answer(lambda: mail.deliver(box.ip, sent))
    assert code == 554
    wait_for('the shared memory to learn', lambda: _learned_by_all(box) == before + 1, 10)
    code, _said = mail.answer(lambda: mail.deliver(box.ip, sent))
    assert code == 554
    says('zen.spamhaus.org', '127.0.0.11')
    sent = mail.message(CAROL.address, BOB.address, f'{words}\n{_GTUBE}')
    code, _said = mail.answer(lambda: mail.deliver(box.ip, sent))
    assert code == 554
    _rules_met(box)  # what comes after it was judged by then
    assert _learned_by_all(box) == before + 1


@pytest.mark.long
def test_lists_are_fetched_again_while_the_filter_runs(box: Host, tmp_path: Path) -> None:
    """By the process that holds the console, which has no port."""
    place, words = (settings.GATEWAY, 8765), tmp_path / 'words.map'
    words.write_text('/alpha/\n')
    box.run('tee', _RULE, stdin=_WORDS.format(place='{}:{}'.format(*place)))
    box.run('tee', _FETCHING, stdin='map_watch_interval = 1s;\n')
    serve = functools.partial(Quiet, directory=str(tmp_path))
    try:
        with answering(http.server.ThreadingHTTPServer(place, serve)):
            mail.restart_filter(box)
            wait_for('the list', lambda: 'FRESH_WORD' in _rules_met(box, 'alpha'), 60)
            assert 'FRESH_WORD' not in _rules_met(box, 'beta')
            words.write_text('/beta/\n')
            wait_for('the changed list', lambda: 'FRESH_WORD' in _rules_met(box, 'beta'), 90)
            assert 'FRESH_WORD' not in _rules_met(box, 'alpha')
    finally:
        box.run('rm', _RULE, _FETCHING)
        mail.restart_filter(box)
