# SPDX-License-Identifier: AGPL-3.0-or-later
"""Metrics for Prometheus: its text format, and the switch that has them published.

NAME
    metrics - numbers of mail for a monitoring system on this machine

DESCRIPTION
    Off by default. Turned on, each sampling writes the numbers to a file, and a socket on the
    loopback address hands them out (`activity/scrape.py`). They have no names of people, mailboxes
    or domains: every local account may read a loopback port.

DIAGNOSTICS
    not-started      systemd could not open the socket
    systemd-silent   systemd itself does not answer, or not in time
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import MailError
from ..system import files, systemd
from .samples import Samples

SWITCH = Path('/etc/freedombox-email/metrics')
"""Metrics are on while this file is there; the socket's unit looks for it too."""
PAGE = Path('/run/freedombox-email-metrics/page')
UNIT = 'freedombox-email-metrics.socket'
ADDRESS = '127.0.0.1:9715'
_KINDS = {
    'incoming': 'received', 'outgoing': 'sent', 'spam': 'spam', 'refused': 'rejected',
    'deferred': 'delayed',
}  # fmt: skip
"""Kinds of messages, by the words of the pages."""


@dataclass(frozen=True)
class Metric:
    """A metric: one value, or one for each value of a label."""

    name: str
    help: str
    type: str
    values: Mapping[str, float]
    label: str = ''

    def lines(self) -> Iterator[str]:
        """The metric in Prometheus' text format."""
        name = f'freedombox_email_{self.name}'
        yield f'# HELP {name} {self.help}'
        yield f'# TYPE {name} {self.type}'
        for key, value in self.values.items():
            label = f'{{{self.label}="{key}"}}' if self.label else ''
            yield f'{name}{label} {value:g}' if value < 10**5 else f'{name}{label} {value:.0f}'


def metrics(
    totals: Mapping[str, int], queue: int | None, used: Mapping[str, int], room: int, now: float
) -> list[Metric]:
    """The metrics; a number that is unknown is left out."""
    by_kind = {_KINDS[kind]: count for kind, count in totals.items()}
    found = [
        Metric('messages_total', 'Messages by what became of them', 'counter', by_kind, 'kind')
    ]
    gauges: dict[str, tuple[str, float | None]] = {
        'queue_messages': ('Messages in the queue', queue),
        'mailboxes': ('Mailboxes whose storage is known', len(used)),
        'storage_bytes': ('Storage used by all mailboxes', sum(used.values())),
        'free_bytes': ('Disk space left for mail', room),
        'sampled_timestamp_seconds': ('When these numbers were taken', now),
    }
    for name, (help_, value) in gauges.items():
        if value is not None:
            found.append(Metric(name, help_, 'gauge', {'': value}))
    return found


def page(found: list[Metric]) -> str:
    """Metrics as the text that Prometheus reads."""
    return ''.join(f'{line}\n' for metric in found for line in metric.lines())


def is_on() -> bool:
    """Whether metrics are published."""
    return SWITCH.exists()


def publish(samples: Samples, queue: int | None, room: int, now: float) -> None:
    """Write the numbers of now."""
    text = page(metrics(samples.totals(), queue, samples.used_now(), room, now))
    PAGE.parent.mkdir(mode=0o755, exist_ok=True)
    files.put(PAGE, text.encode('ascii'), 0o644)


def switch(on: bool) -> None:
    """Publish metrics from now on, or no longer."""
    if on:
        SWITCH.parent.mkdir(mode=0o755, exist_ok=True)
        files.put(SWITCH, b'', 0o644)
    else:
        SWITCH.unlink(missing_ok=True)
        PAGE.unlink(missing_ok=True)
    with systemd.connected(failure='not-started') as manager:
        done = manager.job('StartUnit' if on else 'StopUnit', UNIT)
    if done != systemd.DONE:
        raise MailError('not-started', f'{UNIT}: {done}')


def read_page() -> str:
    """The numbers of the last sampling; '' before the first one."""
    try:
        with os.fdopen(os.open(PAGE, os.O_RDONLY | os.O_NOFOLLOW), encoding='ascii') as file:
            return file.read()
    except FileNotFoundError:
        return ''
