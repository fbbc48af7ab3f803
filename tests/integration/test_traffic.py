# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages are counted once, whatever is restarted; metrics show the counts of the samples."""

import json
from collections.abc import Callable, Iterator

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host

from . import mail

ALICE, CAROL = settings.USERS[0], settings.OUTSIDE_USERS[0]
SAMPLES, TRACE = 'freedombox-email-samples.service', 'freedombox-email-trace.service'
_TOTALS = """
import json
from plinth.modules.email.activity.samples import Samples
with Samples() as samples:
    print(json.dumps(samples.totals()))
"""


@pytest.fixture(name='metrics')
def _metrics(box: Host) -> Iterator[Callable[[], list[str]]]:
    box.run('freedombox-email', 'metrics', 'on')

    def ask() -> list[str]:
        return box.run('curl', '-sf', 'http://127.0.0.1:9715/metrics').splitlines()

    yield ask
    box.run('freedombox-email', 'metrics', 'off')


def totals(box: Host) -> dict[str, int]:
    """All messages counted, after another sampling."""
    box.run('systemctl', 'start', SAMPLES)
    found: dict[str, int] = json.loads(box.run('python3', '-c', _TOTALS))
    return found


def test_a_message_is_counted_once(box: Host, metrics: Callable[[], list[str]]) -> None:
    before = totals(box)
    mail.deliver_in_time(box.ip, mail.message(CAROL.address, ALICE.address))
    nowhere = f'unknown-{CAROL.username}@{ALICE.address.partition("@")[2]}'
    unknown = mail.message(CAROL.address, nowhere)
    code, _text = mail.answer(lambda: mail.deliver(box.ip, unknown))
    assert code == 550

    def are_counted() -> bool:
        now = totals(box)
        return (now['incoming'], now['refused']) > (before['incoming'], before['refused'])

    wait_for('the messages to be counted', are_counted, 30)
    counted = totals(box)
    box.run('systemctl', 'restart', TRACE)
    assert totals(box) == counted
    assert f'freedombox_email_messages_total{{kind="received"}} {counted["incoming"]}' in metrics()
    assert not [line for line in metrics() if '@' in line]


def test_metrics_outlive_restarts_of_postfix(box: Host, metrics: Callable[[], list[str]]) -> None:
    totals(box)
    metrics()
    box.run('systemctl', 'restart', 'postfix.service')
    assert metrics(), 'the socket is open again, although a connection was open'


def test_metrics_are_off_by_default(box: Host) -> None:
    assert not box.succeeds('systemctl', 'is-active', '--quiet', 'freedombox-email-metrics.socket')
    assert not box.succeeds('curl', '-sf', 'http://127.0.0.1:9715/metrics')
