# SPDX-License-Identifier: AGPL-3.0-or-later
"""The spam filter's learned data, moved into a Redis of its own.

DESCRIPTION
    The built-in app, and this one before version 101, kept it in the Redis of all apps, in
    database 7. There any local process can read and change it. Once, before Rspamd is pointed
    to its own instance, what is Rspamd's is copied (DUMP, RESTORE) with the time it has left;
    what is there already stays. Whatever cuts that short, it is begun anew.
    Values are bytes that are not looked into. A key that is too big, or for which there is no room,
    is left behind and counted in the journal.
    Afterwards Redis of all apps is left to others: `learned_leave`.

DIAGNOSTICS
    redis-down           the instance of Rspamd does not start
    redis-refused        one of the two refuses what it is asked
    redis-kept           that of all apps could not be stopped
    learned-not-carried  Rspamd still uses the Redis of all apps
    And what :mod:`.resp` and :mod:`..transaction.units` raise; then nothing was changed.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..config.rspamd import REDIS_SETTINGS, REDIS_SOCKET, REDIS_UNIT
from ..config.state import Port
from ..errors import MailError
from ..system import files, systemd
from ..transaction import units
from . import resp
from .resp import Redis, Refusal, Reply, as_bytes, must, scan

UNIT = f'{REDIS_UNIT}.service'
COMMON_UNIT = 'redis-server.service'
COMMON = ('127.0.0.1', 6379)
DATABASE = 7
PREFIXES = (
    b'RS', b'BAYES_', b'FREEDOMBOX_OWN_', b'learned_ids', b'learned_own',  # Bayes
    b'rg', b'rr', b'rsrk', b'verified_senders', b'rs_',  # who came before, who was answered
    b'RL', b'RR:', b'rn', b'dmarc_', b'freedombox-sent:',
)  # fmt: skip
"""How the names of Rspamd's keys begin; what it can look up again is left to end by itself."""
ANSWERS = Port(0, '+PONG', path=REDIS_SOCKET, ask='PING\r\n')
MOST_VALUE = 16 * 1024 * 1024
MOST_BYTES = 1024 * 1024 * 1024
SECONDS = 600.0

logger = logging.getLogger(__name__)


def is_own() -> bool:
    """Whether Rspamd is pointed to its own instance."""
    return f'"{REDIS_SOCKET}"' in files.read(REDIS_SETTINGS).text


def carry() -> None:
    """Have Rspamd's instance run with the learned data, before Rspamd is pointed to it."""
    if is_own():
        return
    with _running():
        units.answer(ANSWERS, units.PORT_SECONDS)
        try:
            with _common() as common, _own() as own:
                _copy(common, own)
        except ConnectionRefusedError as error:
            logger.warning('Redis on port %s has nothing to carry over: %s', COMMON[1], error)


def learned_leave(forget: bool, stop: bool) -> None:
    """Leave the Redis of all apps to others.

    With `forget`, what was carried over is removed there. With `stop` it is switched off
    if it holds nothing of others.
    """
    if not is_own():
        raise MailError('learned-not-carried')
    try:
        with _common() as common:
            if forget:
                with _own() as own:
                    _forget(common, own)
            needed = _holds_of_others(common)
    except ConnectionRefusedError:
        return
    if stop and not needed:
        _switch_off()


@contextmanager
def _running() -> Iterator[None]:
    """Have Rspamd's instance run; afterwards only if Rspamd does."""
    with systemd.connected() as manager:
        if manager.properties(COMMON_UNIT)['UnitFileState'] in systemd.ENABLED:
            manager.job('StartUnit', COMMON_UNIT)
        if manager.job('StartUnit', UNIT) != systemd.DONE:
            raise MailError('redis-down', UNIT)
        yield
        if manager.properties('rspamd.service')['ActiveState'] == 'inactive':
            manager.job('StopUnit', UNIT)


@contextmanager
def _common() -> Iterator[Redis]:
    """Redis of all apps, at Rspamd's database of old."""
    with resp.connected(COMMON, MOST_BYTES, SECONDS) as redis:
        replies = redis.ask(('SELECT', DATABASE))
        if any(isinstance(each, Refusal) and each.text.startswith('NOAUTH') for each in replies):
            raise ConnectionRefusedError('it wants a password, so Rspamd never used it')
        must(replies)
        yield redis


@contextmanager
def _own() -> Iterator[Redis]:
    with resp.connected(REDIS_SOCKET, MOST_BYTES, SECONDS) as redis:
        yield redis


def _rspamds(redis: Redis) -> Iterator[list[bytes]]:
    """Names of Rspamd's keys, some at a time."""
    for names in scan(redis):
        if ours := [name for name in names if name.startswith(PREFIXES)]:
            yield ours


def _portions(redis: Redis, names: list[bytes]) -> Iterator[list[bytes]]:
    """Keys whose values together are no bigger than one may be; bigger ones are left out."""
    portion: list[bytes] = []
    total = 0
    sizes = redis.ask(*(('MEMORY', 'USAGE', name) for name in names))
    for name, size in zip(names, sizes, strict=True):
        if not isinstance(size, int) or size > MOST_VALUE:
            continue
        if total + size > MOST_VALUE:
            yield portion
            portion, total = [], 0
        portion.append(name)
        total += size
    if portion:
        yield portion


def _copy(common: Redis, own: Redis) -> None:
    """Copy the keys of Rspamd."""
    found = carried = 0
    for names in _rspamds(common):
        found += len(names)
        for portion in _portions(common, names):
            carried += _copy_some(common, own, portion)
    logger.info('What the spam filter learnt: %s of %s keys are carried over.', carried, found)
    if carried < found:
        logger.warning('%s keys of the spam filter ended or are left behind.', found - carried)


def _copy_some(common: Redis, own: Redis, names: Sequence[bytes]) -> int:
    """Copy these keys; return how many are there now."""
    values = common.ask(*(('DUMP', name) for name in names))
    times = common.ask(*(('PTTL', name) for name in names))
    orders = [
        ('RESTORE', name, max(left, 0), value)
        for name, value, left in zip(names, values, times, strict=True)
        # -1 stands for no end, -2 for a key that is gone; for RESTORE 0 is no end.
        if isinstance(value, bytes) and isinstance(left, int) and left not in (0, -2)
    ]
    return sum(map(_is_there, own.ask(*orders)))


def _is_there(reply: Reply) -> bool:
    """Whether RESTORE has made a key, or found it there."""
    return not isinstance(reply, Refusal) or reply.text.startswith('BUSYKEY')


def _forget(common: Redis, own: Redis) -> None:
    """Remove the data that the instance of Rspamd has, too."""
    for names in _rspamds(common):
        there = own.ask(*(('EXISTS', name) for name in names))
        carried = [name for name, count in zip(names, there, strict=True) if count == 1]
        if carried:
            must(common.ask(('UNLINK', *carried)))


def _holds_of_others(common: Redis) -> bool:
    """Whether there are keys in other databases, or lasting ones in Rspamd's."""
    (reply,) = must(common.ask(('INFO', 'keyspace')))
    lines = as_bytes(reply).decode(errors='replace').splitlines()
    if any(line.startswith('db') and not line.startswith(f'db{DATABASE}:') for line in lines):
        return True
    return any(
        count == -1
        for names in scan(common)
        for name, count in zip(names, common.ask(*(('TTL', name) for name in names)), strict=True)
        if not name.startswith(PREFIXES)
    )


def _switch_off() -> None:
    """Stop Redis of all apps, and start it no more."""
    systemd.disable(COMMON_UNIT, 'redis-kept')
