# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts of our users that a list changed reach the members; no stranger can pose as a list."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from lab import dns, life, settings
from lab.settings import LabUser
from tests.conftest import Host
from tests.integration import directory, mail, senders
from tests.integration.test_forwards import bring

ALICE, BOB = settings.USERS
LENIENT, STERN = settings.DOMAINS
LIST, EVIL = 'lists.test', 'evil.test'
POSTED = f'users@{LIST}'


@pytest.fixture(autouse=True, scope='module')
def _zones(box: Host) -> Iterator[None]:
    """Serve a list, an attacker, and a policy of one of our domains to refuse forgeries."""
    zones = life.zones()
    stern = next(each for each in zones if each.domain == STERN)
    text = stern.text().replace('p=none', 'p=reject')
    others = [each for each in zones if each.domain != STERN]
    dns.publish([*others, dns.LabZone(STERN, text), senders.zone(LIST), senders.zone(EVIL)])
    box.run('resolvectl', 'flush-caches')
    yield
    life.publish_zones()
    box.run('resolvectl', 'flush-caches')


@pytest.fixture(name='poster', scope='module')
def fixture_poster(box: Host) -> Iterator[LabUser]:
    """A mailbox of the domain with the stern policy."""
    with directory.mailbox(box, f'poster@{STERN}') as user:
        yield user


def post(box: Host, sender: str, login: str, password: str) -> EmailMessage:
    """A message one of us sends to a list; it gets no further than the queue."""
    sent = mail.message(sender, POSTED, 'The text of the post.\n')
    with mail.submission(box.ip, login, password) as session:
        session.send_message(sent)
    for number in mail.waiting(box, sender):
        box.run('postsuper', '-d', number)
    return sent


def changed(sent: EmailMessage, text: str = '') -> bytes:
    """A message as a list changed it: a mark in the subject, a line below the text."""
    plain = sent.as_bytes().replace(b'Subject: ', b'Subject: [users] ')
    plain = plain.replace(b'The text of the post.', text.encode() or b'The text of the post.')
    return f'List-Id: <users.{LIST}>\n'.encode() + plain + b'-- \nThe list\n'


def tagged(sent: EmailMessage) -> EmailMessage:
    """The message to look for."""
    wanted = EmailMessage()
    wanted['Subject'] = f'[users] {sent["Subject"]}'
    return wanted


def returned(box: Host, content: bytes, by: str = LIST) -> tuple[int, str]:
    """The answer to a message a list brings."""
    return bring(box.ip, content, f'users-bounces@{by}', ALICE.address)


def test_a_post_comes_back_into_the_inbox(box: Host) -> None:
    sent = post(box, BOB.address, BOB.username, BOB.password)
    assert returned(box, changed(sent))[0] == 250
    mail.wait_for(box.ip, ALICE, tagged(sent))


def test_a_stern_policy_of_ours_puts_it_into_junk(box: Host, poster: LabUser) -> None:
    address = f'{poster.username}@{STERN}'
    sent = post(box, address, address, poster.password)
    assert returned(box, changed(sent))[0] == 250, 'the list would drop its member'
    mail.wait_for(box.ip, ALICE, tagged(sent), 'Junk')


def test_a_seal_of_the_list_brings_it_into_the_inbox(box: Host, poster: LabUser) -> None:
    address = f'{poster.username}@{STERN}'
    sent = post(box, address, address, poster.password)
    content = senders.sealed(changed(sent), LIST, f'dmarc=pass header.from={STERN}')
    assert returned(box, content)[0] == 250
    mail.wait_for(box.ip, ALICE, tagged(sent))


@pytest.mark.parametrize(('by', 'text'), [(EVIL, ''), (LIST, 'Please pay at once.')])
def test_another_server_or_another_text_reaches_junk_only(box: Host, by: str, text: str) -> None:
    sent = post(box, BOB.address, BOB.username, BOB.password)
    assert returned(box, changed(sent, text), by)[0] == 250
    mail.wait_for(box.ip, ALICE, tagged(sent), 'Junk')


@pytest.mark.long
def test_a_seal_of_an_attacker_is_worth_nothing(box: Host) -> None:
    sent = post(box, BOB.address, BOB.username, BOB.password)
    content = senders.sealed(changed(sent), EVIL, f'dmarc=pass header.from={LENIENT}')
    assert returned(box, content, EVIL)[0] == 250
    mail.wait_for(box.ip, ALICE, tagged(sent), 'Junk')


def test_what_none_of_us_sent_is_refused(box: Host) -> None:
    made_up = mail.message(BOB.address, POSTED, 'The text of the post.\n')
    sealed = senders.sealed(changed(made_up), LIST, f'dmarc=pass header.from={LENIENT}')
    for content in (changed(made_up), sealed):
        code, text = returned(box, content)
        assert (code, 'log in first' in text) == (554, True)
