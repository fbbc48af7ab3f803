# SPDX-License-Identifier: AGPL-3.0-or-later
"""A message for several mailboxes is judged by the memory of each of them, when it is delivered."""

from collections.abc import Iterator

import pytest

from lab import settings
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail
from .test_memory import ENOUGH, JUNK_WORDS, WANTED_WORDS, move, text, until_learned

CAROL = settings.OUTSIDE_USERS[0]
DOMAIN = settings.USERS[0].domain
SERVICE, SOCKET = 'freedombox-email-judge.service', 'freedombox-email-judge.socket'
SCORE = 'X-FreedomBox-Score'
FAILS = r'dovecot.*(execute|connect)'
Pair = tuple[LabUser, LabUser]


@pytest.fixture(scope='module')
def pair(box: Host) -> Iterator[Pair]:
    """Two people with opposite tastes: what is junk for the first, the second wants."""
    with (
        directory.mailbox(box, f'first-look@{DOMAIN}') as one,
        directory.mailbox(box, f'second-look@{DOMAIN}') as other,
    ):
        for person, junk, wanted in (
            (one, JUNK_WORDS, WANTED_WORDS), (other, WANTED_WORDS, JUNK_WORDS),
        ):  # fmt: skip
            move(box, person, 'INBOX', 'Junk', junk)
            move(box, person, 'Junk', 'INBOX', wanted)
        for person in (one, other):
            until_learned(box, person, ENOUGH, ENOUGH)
        yield one, other


def _send(box: Host, people: Pair, words: list[str], **headers: str) -> mail.EmailMessage:
    """Bring a message that is a little doubtful, as it has no date and no Message-ID."""
    to = ', '.join(each.address for each in people)
    sent = mail.message(CAROL.address, to, text(words), **headers)
    del sent['Date'], sent['Message-ID']
    mail.deliver_in_time(box.ip, sent)
    return sent


def _place(box: Host, person: LabUser, sent: mail.EmailMessage) -> tuple[str, bytes]:
    """The folder in which a message lies, and the message."""
    found: list[tuple[str, bytes]] = []

    def is_there() -> bool:
        with mail.mailbox(box.ip, person.address, person.password) as session:
            for folder in ('INBOX', 'Junk'):
                if content := mail.raw(session, sent, folder):
                    found.append((folder, content))
        return bool(found)

    wait_for(f'the message to arrive at {person.address}', is_there, 30)
    return found[0]


def _places(box: Host, people: Pair, sent: mail.EmailMessage) -> tuple[str, str]:
    return _place(box, people[0], sent)[0], _place(box, people[1], sent)[0]


def test_it_is_junk_for_one_and_not_for_the_other(box: Host, pair: Pair) -> None:
    assert _places(box, pair, _send(box, pair, JUNK_WORDS)) == ('Junk', 'INBOX')
    assert _places(box, pair, _send(box, pair, WANTED_WORDS)) == ('INBOX', 'Junk')


def test_the_order_of_recipients_does_not_matter(box: Host, pair: Pair) -> None:
    one, other = pair
    assert _places(box, pair, _send(box, (other, one), JUNK_WORDS)) == ('Junk', 'INBOX')


@pytest.mark.parametrize('score', ['900', '-900', '6.1'])
def test_a_score_that_came_with_a_message_is_gone(box: Host, pair: Pair, score: str) -> None:
    sent = _send(box, pair, JUNK_WORDS, X_FreedomBox_Score=score)
    assert _places(box, pair, sent) == ('Junk', 'INBOX')
    lines = mail.parsed(_place(box, pair[1], sent)[1]).get_all(SCORE)
    assert lines is not None
    assert len(lines) == 1
    assert 0 < float(lines[0]) < 4


def test_a_message_for_one_mailbox_has_no_score(box: Host, pair: Pair) -> None:
    sent = mail.message(CAROL.address, pair[0].address, text(JUNK_WORDS), X_FreedomBox_Score='900')
    mail.deliver_in_time(box.ip, sent)
    folder, content = _place(box, pair[0], sent)
    assert (folder, mail.parsed(content)[SCORE]) == ('INBOX', None)


@pytest.mark.journal_may_say(FAILS)
@pytest.mark.parametrize(('words', 'places'), [(JUNK_WORDS, ('INBOX', 'INBOX'))])
def test_without_the_service_the_first_look_counts(
    box: Host, pair: Pair, words: list[str], places: tuple[str, str]
) -> None:
    box.run('systemctl', 'stop', SERVICE, SOCKET)
    try:
        assert _places(box, pair, _send(box, pair, words)) == places
    finally:
        box.run('systemctl', 'start', SOCKET)
    assert _places(box, pair, _send(box, pair, words)) == ('Junk', 'INBOX')


def test_no_user_has_a_program_run_by_a_script(box: Host, pair: Pair) -> None:
    script = 'require "vnd.dovecot.execute"; execute "judge";'
    put = ('doveadm', 'sieve', 'put', '-u', pair[0].address, '-a', 'try')
    said = box.run(*put, check=False, stdin=script)
    assert 'vnd.dovecot.execute' in said
