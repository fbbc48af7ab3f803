# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forwards leave by a relay that refuses all senders but those of our domains."""

import smtplib
from collections.abc import Iterator

import pytest

from lab import dns, life, relay, settings
from tests.conftest import Host

from . import directory, mail, senders
from .test_forwards import arrived, bring

ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
SIGNED = 'signed.test'
COMMAND = 'freedombox-email'
NAME = 'strict'
pytestmark = pytest.mark.long


@pytest.fixture(autouse=True, scope='module')
def _by_relay(box: Host) -> Iterator[None]:
    """Mail of our domain goes by a relay that takes no other sender."""
    dns.publish([*life.zones(), senders.zone(SIGNED, 'reject')])
    relay.start()
    relay.trusted_by(box.machine)
    relay.only_senders(ALICE.domain)
    box.run(COMMAND, 'relay', 'add', NAME, '--host', relay.NAME, '--login', relay.USER.username,
            stdin=f'{relay.USER.password}\n')  # fmt: skip
    box.run(COMMAND, 'route', 'set', f'relay:{NAME}', '--domain', ALICE.domain)
    yield
    box.run(COMMAND, 'route', 'set', 'default', '--domain', ALICE.domain)
    box.run(COMMAND, 'relay', 'remove', NAME)
    relay.only_senders()
    relay.stop()
    relay.distrusted_by(box.machine)
    life.publish_zones()


def test_the_relay_refuses_other_senders() -> None:
    with smtplib.SMTP(settings.OUTSIDE_IP, relay.PORT, timeout=30) as session:
        session.starttls(context=mail.tls())
        session.login(relay.USER.username, relay.USER.password)
        sent = mail.message(f'boss@{SIGNED}', CAROL.address)
        assert mail.answer(lambda: session.send_message(sent))[0] == 553


def test_a_forward_leaves_by_the_relay(box: Host, outside: Host) -> None:
    address = f'by-relay@{ALICE.domain}'
    with directory.alias(box, address, CAROL.address):
        sent = mail.message(f'boss@{SIGNED}', address)
        content = senders.signed(sent, SIGNED)
        assert bring(box.ip, content, f'boss@{SIGNED}', address)[0] == 250
        found = arrived(outside, sent)
    assert any(f'by {relay.NAME}' in line for line in found.get_all('Received', []))
    assert found['Return-Path'].startswith('<SRS0=')
    assert found['Return-Path'].endswith(f'@{ALICE.domain}>')
