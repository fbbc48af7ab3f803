# SPDX-License-Identifier: AGPL-3.0-or-later
"""The learned data of the spam filter move from the Redis of all apps into one of its own.

Run as root inside a FreedomBox with freedombox-email.
"""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth.modules.email.config.rspamd import REDIS_SETTINGS, REDIS_SOCKET
from plinth.modules.email.errors import MailError
from plinth.modules.email.filtering import learned, resp
from plinth.modules.email.filtering.learned import learned_leave
from plinth.modules.email.maintenance.setup import refresh
from plinth.modules.email.transaction import units

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)
EARLIER = 'servers = "127.0.0.1";\ndb = "7";\n'
CONTROLLER = '/run/rspamd/controller.sock'
READY = learned.Port(0, 'HTTP/1.1 200', path=CONTROLLER, ask='GET /ping HTTP/1.0\r\n\r\n')
DATA = Path('/var/lib/freedombox-email-redis/dump.rdb')
ODD = b'RS_\xff\r\n\x00'
VALUE = os.urandom(1_000_000)


def run(*command: str, stdin: str | None = None) -> str:
    done = subprocess.run(command, input=stdin, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def common(*words: resp.Word, database: int = 7) -> resp.Reply:
    """Ask the Redis of all apps."""
    with resp.connected(learned.COMMON, 10**8, 20) as redis:
        return redis.ask(('SELECT', database), words)[1]


def own(*words: resp.Word) -> resp.Reply:
    """Ask the one of Rspamd."""
    with resp.connected(REDIS_SOCKET, 10**8, 20) as redis:
        return redis.ask(words)[0]


@pytest.fixture
def version_100() -> Iterator[None]:
    """Have Rspamd use the Redis of all apps, as in version 100, once it is restarted."""
    run('systemctl', 'start', 'redis-server')
    common('FLUSHALL')
    run('systemctl', 'stop', learned.UNIT)  # it writes what it knows
    DATA.rename(DATA.with_suffix('.kept'))
    run('systemctl', 'start', learned.UNIT)
    Path(REDIS_SETTINGS).write_text(EARLIER)
    yield
    run('systemctl', 'start', 'redis-server')
    common('FLUSHALL')
    refresh('test')
    learned_leave(False, True)
    run('systemctl', 'stop', learned.UNIT)
    DATA.with_suffix('.kept').rename(DATA)
    run('systemctl', 'start', learned.UNIT)


def rspamc(*words: str, stdin: str | None = None) -> str:
    return run('runuser', '-u', '_rspamd', '--', 'rspamc', '-h', CONTROLLER, *words, stdin=stdin)


def learn_spam() -> None:
    """Teach the filter a message of its own."""
    text = '\n'.join(uuid.uuid4().hex for _each in range(40))
    rspamc('learn_spam', stdin=f'From: a@b.test\nMessage-ID: <{uuid.uuid4()}@b.test>\n\n{text}\n')


@pytest.mark.usefixtures('version_100')
def test_what_was_learnt_is_carried_over_and_goes_on() -> None:
    run('systemctl', 'restart', 'rspamd')
    units.answer(READY, 20)
    learn_spam()
    size = common('DBSIZE')
    assert isinstance(size, int)
    assert size > 40
    common('SET', 'rg_late', VALUE, 'EX', 1000)
    common('SET', ODD, VALUE)
    common('SET', 'foreign', 'x')

    assert REDIS_SETTINGS in refresh('test').files

    assert own('DBSIZE') == size + 2
    assert own('GET', ODD) == own('GET', 'rg_late') == VALUE
    assert (own('TTL', ODD), own('EXISTS', 'foreign')) == (-1, 0)
    left = own('TTL', 'rg_late')
    assert isinstance(left, int)
    assert 900 < left <= 1000
    assert common('DBSIZE') == size + 3, 'the built-in app may be wanted back'
    learn_spam()
    assert own('HGET', 'RS', 'learns_spam') == b'2'
    assert common('HGET', 'RS', 'learns_spam') == b'1'
    run('systemctl', 'restart', learned.UNIT)
    learn_spam()
    assert own('HGET', 'RS', 'learns_spam') == b'3', 'not on disk, or Rspamd does not come back'


@pytest.mark.usefixtures('version_100')
def test_only_what_is_there_in_the_new_place_is_removed_in_the_old() -> None:
    common('SET', 'RS_carried', 'x')
    with pytest.raises(MailError, match='still uses'):
        learned_leave(True, True)
    learned.carry()
    Path(REDIS_SETTINGS).write_text(f'servers = "{REDIS_SOCKET}";')
    common('SET', 'RS_late', 'x')
    common('SET', 'foreign', 'x')
    learned_leave(True, True)
    names = common('KEYS', '*')
    assert isinstance(names, list)
    assert {b'RS_late', b'foreign'} == {*names}
    assert run('systemctl', 'is-active', learned.COMMON_UNIT) == 'active', 'foreign is of another'
    common('DEL', 'foreign')
    common('SET', 'x', 'y', database=3)
    learned_leave(False, True)
    assert run('systemctl', 'is-active', learned.COMMON_UNIT) == 'active', 'x is of another'
    common('DEL', 'x', database=3)
    learned_leave(False, False)
    assert run('systemctl', 'is-active', learned.COMMON_UNIT) == 'active'
    learned_leave(False, True)
    with pytest.raises(ConnectionRefusedError):
        common('PING')


@pytest.mark.usefixtures('version_100')
def test_what_cuts_it_short_changes_nothing() -> None:
    common('SET', 'RS_one', VALUE)
    common('SET', 'RS_two', VALUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learned, 'MOST_BYTES', len(VALUE))
        with pytest.raises(MailError, match='invalid reply'):
            refresh('test')
    assert Path(REDIS_SETTINGS).read_text() == EARLIER
    own('SET', 'RS_one', 'newer')
    learned.carry()
    assert (own('GET', 'RS_one'), own('GET', 'RS_two')) == (b'newer', VALUE)
