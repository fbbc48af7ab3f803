# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many messages a second the box forwards, with its sender and seal (SRS, ARC) and without.

The other mail host takes the messages and discards them. Without means that the files of the
filter that ask for the sender and choose the key of the seal are replaced by ones that do nothing.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from .. import container, dns, life, settings
from ..host import LabError, run, step, wait_for
from ..settings import BOX, OUTSIDE
from . import boxes, usage
from .load import Plan, Report
from .results import Goal, versions, where
from .throughput import SESSIONS, moving

_SINK = 'sink.test'
_ADDRESS = f'bench-forward@{settings.DOMAINS[0]}'
_RULES = '/usr/share/freedombox-email/rspamd'
_NONE = {
    f'{_RULES}/rewriting.lua': 'return function() end\n',
    f'{_RULES}/sealing.lua': 'return function() return function() return false end end\n',
}
_SIZE, _SECONDS, _WARM, _SETTLE = 8 * 1024, 120.0, 60, 10
_TITLES = ('with SRS and ARC', 'without')
_HEAD = (
    '| forwarding messages of 8 KB | with SRS and ARC | without | ratio | goal |',
    '|---|---:|---:|---:|---|',
)


@contextmanager
def _unlimited() -> Iterator[None]:
    """Lift the limits for strangers: all mail comes from one host."""
    name = boxes.NO_LIMITS.partition('=')[0]
    before = container.execute(BOX, ['postconf', '-h', name]).stdout.strip()
    _set(boxes.NO_LIMITS)
    try:
        yield
    finally:
        _set(f'{name}={before}')


def _set(value: str) -> None:
    container.execute(BOX, ['postconf', '-e', value])
    container.execute(BOX, ['systemctl', 'reload', 'postfix'])


@contextmanager
def _prepared() -> Iterator[None]:
    """Have a host that discards mail, and an address that forwards to it."""
    dns.publish([*life.zones(), dns.MailZone(_SINK, settings.OUTSIDE_IP)])
    values = [f'relay_domains={_SINK}', f'transport_maps=inline:{{{_SINK}=discard:}}']
    container.execute(OUTSIDE, ['postconf', '-e', *values])
    container.execute(OUTSIDE, ['postmulti', '-i', '-', '-p', 'reload'])
    container.execute(BOX, ['freedombox-email', 'alias', 'add', _ADDRESS, f'bench@{_SINK}'])
    try:
        yield
    finally:
        container.execute(BOX, ['freedombox-email', 'alias', 'remove', _ADDRESS])
        container.execute(OUTSIDE, ['postconf', '-X', 'relay_domains', 'transport_maps'])
        container.execute(OUTSIDE, ['postmulti', '-i', '-', '-p', 'reload'])
        life.publish_zones()


@contextmanager
def _rules(other: Mapping[str, str]) -> Iterator[None]:
    """Have the filter use other files in the place of its own."""
    own = {path: (BOX.root / path.lstrip('/')).read_text(encoding='utf-8') for path in _NONE}
    try:
        container.write(BOX, {**own, **other})
        _restart()
        yield
    finally:
        container.write(BOX, own)
        _restart()


def _restart() -> None:
    """Restart the filter, and wait until it takes mail."""
    container.execute(BOX, ['systemctl', 'restart', 'rspamd'])
    seed = int(time.time())
    wait_for('the filter to take mail', lambda: _send(1, seed).taken == 1, 60, 1)


def _waits(file: Path) -> bool:
    """Whether a file of the queue is a message of the bench."""
    try:
        return _SINK.encode() in file.read_bytes()
    except (IsADirectoryError, FileNotFoundError):
        return False


def _send(count: int, seed: int) -> Report:
    plan = Plan(BOX.ip, [_ADDRESS], _SIZE, count, SESSIONS, _SECONDS, seed)
    sender = Path(__file__).with_name('load.py')
    words: list[str | Path] = ['nsenter', f'--target={container.leader(OUTSIDE)}', '--net', '--',
             sys.executable, '-I', sender]  # fmt: skip
    answer = run(words, stdin=json.dumps(asdict(plan)), timeout=_SECONDS + 300).stdout
    return Report(**json.loads(answer))


def _measure(count: int, seed: int) -> tuple[float, float]:
    """Messages forwarded per second, and the box's processor time for each in ms."""
    _send(_WARM, seed + 1_000_000)
    usage.wait_until_quiet(_SETTLE)
    cpu, begin = usage.cpu_seconds(BOX), time.monotonic()
    report = _send(count, seed)
    begin += max(0.0, time.monotonic() - begin - report.seconds)
    wait_for('all messages to be forwarded', lambda: not moving(BOX), 300, 0.05)
    seconds = time.monotonic() - begin
    usage.wait_until_quiet(_SETTLE)
    cpu = usage.cpu_seconds(BOX) - cpu
    waiting = any(map(_waits, (BOX.root / 'var/spool/postfix/deferred').rglob('*')))
    if report.taken != count or waiting:
        raise LabError(f'{report.taken} of {count} messages were taken: {report.answers}')
    return count / seconds, 1000 * cpu / count


def _check(is_with: bool, since: float) -> None:
    """Raise LabError if messages left in another way than is measured."""
    words = ['journalctl', '-q', f'--since=@{since:.0f}', '-t', 'postfix/qmgr', '-g', 'from=<SRS0=']
    found = container.execute(BOX, words, check=False).stdout
    if bool(found) is not is_with:
        raise LabError('The rules about forwards were not those that are measured.')


def measure_all(count: int, turns: int, seed: int) -> str:
    """The table with both rates."""
    found: dict[str, list[tuple[float, float]]] = {title: [] for title in _TITLES}
    with _prepared(), _unlimited():
        for turn in range(turns):
            for title in _TITLES if turn % 2 else reversed(_TITLES):
                is_with = title == _TITLES[0]
                with (
                    step(f'Forwarding {title}, {turn + 1} of {turns}'),
                    _rules({} if is_with else _NONE),
                ):
                    began = time.time()
                    found[title].append(_measure(count, seed + turn))
                    _check(is_with, began)
    return _table(*found.values())


def _table(ours: list[tuple[float, float]], plain: list[tuple[float, float]]) -> str:
    """The result in Markdown."""
    lines = [*_HEAD]
    for place, title in enumerate(('forwarded per second', 'processor time of the box, ms')):
        first, second = ([each[place] for each in side] for side in (ours, plain))
        ratio = statistics.median(a / b for a, b in zip(first, second, strict=True))
        goal = Goal(0.95, True, False).verdict(ratio) if place == 0 else ''
        cells = [title, *(f'{statistics.median(each):.1f} ({min(each):.1f} to {max(each):.1f})'
                          for each in (first, second)), f'{ratio:.2f}', goal]  # fmt: skip
        lines.append(f'| {" | ".join(cells)} |')
    below = [
        versions((BOX, 'this app')),
        f'{where()}, which the box, the sender and the receiver share. Middle values, in brackets '
        'the lowest and the highest; the ratio is the middle one of those of each turn. '
        '`./box bench --forwarding` repeats it.',
    ]
    return '\n'.join([*lines, '', *below]) + '\n'
