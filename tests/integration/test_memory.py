# SPDX-License-Identifier: AGPL-3.0-or-later
"""The filter learns for one mailbox: a later message shows it there and nowhere else."""

import json
import random
import re
from collections.abc import Iterator

import pytest

from lab import settings
from lab.bench import memories
from lab.host import wait_for
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail

CAROL = settings.OUTSIDE_USERS[0]
DOMAIN = settings.USERS[0].domain
ENOUGH = 6
SPAM, HAM = 'FREEDOMBOX_OWN_SPAM', 'FREEDOMBOX_OWN_HAM'
MANY = 40
_SIGNS = 'bcdfghklmnprstvz'


def _vocabulary(seed: int) -> list[str]:
    """Words that no other mail of the tests has."""
    pick = random.Random(seed)
    return [
        ''.join(pick.choice(_SIGNS) + pick.choice('aeiou') for _ in range(4)) for _ in range(MANY)
    ]


JUNK_WORDS, WANTED_WORDS = _vocabulary(1), _vocabulary(2)


def text(words: list[str]) -> str:
    """Thirty of the words in their order: the filter learns words that follow each other."""
    start = random.randrange(len(words) - 30)
    return ' '.join(words[start : start + 30]) + '\n'


@pytest.fixture(scope='module')
def people(box: Host) -> Iterator[tuple[LabUser, LabUser]]:
    with (
        directory.mailbox(box, f'learner@{DOMAIN}') as learner,
        directory.mailbox(box, f'other@{DOMAIN}') as other,
    ):
        yield learner, other


@pytest.fixture
def contrary(box: Host) -> Iterator[LabUser]:
    with directory.mailbox(box, f'contrary@{DOMAIN}') as person:
        yield person


@pytest.fixture(scope='module')
def taught(box: Host, people: tuple[LabUser, LabUser]) -> tuple[LabUser, LabUser]:
    """The first has moved some mail of both kinds; the second has moved nothing."""
    move(box, people[0], 'INBOX', 'Junk', JUNK_WORDS)
    move(box, people[0], 'Junk', 'INBOX', WANTED_WORDS)
    until_learned(box, people[0], ENOUGH, ENOUGH)
    return people


def move(box: Host, person: LabUser, source: str, target: str, words: list[str]) -> None:
    """Move a few messages with some of the words."""
    with mail.mailbox(box.ip, person.address, person.password) as session:
        for _each in range(ENOUGH):
            sent = mail.message(CAROL.address, person.address, text(words))
            session.append(source, '', '', sent.as_bytes())
            (number,) = mail.numbers(session, sent, source)
            session.select(source)
            session.xatom('MOVE', number, target)


def _learned(box: Host, address: str) -> tuple[int, int]:
    found = json.loads(box.run('freedombox-email', 'spam', 'show', '--json'))['mailboxes'][address]
    return found['junk'], found['wanted']


def until_learned(box: Host, person: LabUser, junk: int, wanted: int) -> None:
    wait_for(
        f'{junk} and {wanted} messages to be learned',
        lambda: _learned(box, person.address) == (junk, wanted),
        20,
    )


def _arrived(box: Host, person: LabUser, sent: object) -> str:
    """The symbols of a message, wherever it was sorted to."""
    found: list[bytes] = []

    def is_there() -> bool:
        with mail.mailbox(box.ip, person.address, person.password) as session:
            for folder in ('INBOX', 'Junk'):
                if content := mail.raw(session, sent, folder):  # type: ignore[arg-type]
                    found.append(content)
                    return True
        return False

    wait_for(f'the message to arrive at {person.address}', is_there, 30)
    return str(mail.parsed(found[0])['X-Spamd-Result'])


def _symbols(box: Host, person: LabUser, words: list[str], *also: LabUser) -> str:
    to = ', '.join(each.address for each in (person, *also))
    sent = mail.message(CAROL.address, to, text(words))
    mail.deliver_in_time(box.ip, sent)
    return _arrived(box, person, sent)


def test_a_later_message_is_judged_by_it(box: Host, taught: tuple[LabUser, LabUser]) -> None:
    learner, _other = taught
    assert SPAM in _symbols(box, learner, JUNK_WORDS)
    assert HAM in _symbols(box, learner, WANTED_WORDS)


def test_an_alias_of_one_mailbox_is_judged_by_it(
    box: Host, taught: tuple[LabUser, LabUser]
) -> None:
    learner, _other = taught
    with directory.alias(box, f'learner-too@{DOMAIN}', learner.address) as address:
        sent = mail.message(CAROL.address, address, text(JUNK_WORDS))
        mail.deliver_in_time(box.ip, sent)
        assert SPAM in _arrived(box, learner, sent)


def test_the_other_is_judged_by_nothing_of_it(box: Host, taught: tuple[LabUser, LabUser]) -> None:
    _learner, other = taught
    assert _learned(box, other.address) == (0, 0)
    symbols = _symbols(box, other, JUNK_WORDS)
    assert not re.search('FREEDOMBOX_OWN|BAYES', symbols)


def test_another_can_teach_the_opposite(
    box: Host, taught: tuple[LabUser, LabUser], contrary: LabUser
) -> None:
    """Also with the same words, which the first has learned as junk."""
    learner, _other = taught
    move(box, contrary, 'INBOX', 'Junk', WANTED_WORDS)
    move(box, contrary, 'Junk', 'INBOX', JUNK_WORDS)
    until_learned(box, contrary, ENOUGH, ENOUGH)
    assert _learned(box, learner.address) == (ENOUGH, ENOUGH)
    assert HAM in _symbols(box, contrary, JUNK_WORDS)
    assert SPAM in _symbols(box, learner, JUNK_WORDS)


def test_moving_back_takes_back(box: Host, taught: tuple[LabUser, LabUser]) -> None:
    learner, _other = taught
    junk, wanted = _learned(box, learner.address)
    with mail.mailbox(box.ip, learner.address, learner.password) as session:
        sent = mail.message(CAROL.address, learner.address, text(_vocabulary(3)))
        session.append('INBOX', '', '', sent.as_bytes())
        steps = (('INBOX', 'Junk', 1, 0), ('Junk', 'INBOX', 0, 1), ('INBOX', 'Junk', 1, 0))
        for source, target, more_junk, more_wanted in steps:
            (number,) = mail.numbers(session, sent, source)
            session.select(source)
            session.xatom('MOVE', number, target)
            until_learned(box, learner, junk + more_junk, wanted + more_wanted)
        (number,) = mail.numbers(session, sent, 'Junk')
        session.select('Junk')
        session.xatom('MOVE', number, 'Trash')
    # A message that is taught afterwards shows that the one in Trash was not.
    move(box, learner, 'INBOX', 'Junk', _vocabulary(4))
    until_learned(box, learner, junk + 1 + ENOUGH, wanted)


def test_a_header_of_a_message_chooses_no_memory(
    box: Host, taught: tuple[LabUser, LabUser]
) -> None:
    """Nor do the lines that Rspamd takes for the recipient where it knows none."""
    learner, other = taught
    memory = box.run(
        'ldapsearch', '-Q', '-LLL', '-Y', 'EXTERNAL', '-H', 'ldapi:///', '-b', 'ou=mail,dc=thisbox',
        f'(fbxMailAddress={learner.address})', 'fbxMailMemory',
    ).split('fbxMailMemory: ')[1].split()[0]  # fmt: skip
    box.run('freedombox-email', 'spam', 'forget', other.address)
    sent = mail.message(
        CAROL.address, other.address, text(JUNK_WORDS), Memory=memory, Classifier='own',
        Deliver_To=learner.address,
    )  # fmt: skip
    mail.deliver_in_time(box.ip, sent)
    assert 'FREEDOMBOX_OWN' not in _arrived(box, other, sent)


def test_a_lesson_that_names_no_memory_is_for_the_shared_one(
    box: Host, taught: tuple[LabUser, LabUser]
) -> None:
    """Rspamd would take the name of a recipient, or none, which is the shared memory's."""
    learner, _other = taught
    before = box.run('redis-cli', '-s', mail.REDIS, 'HGET', 'RS', 'learns_spam').strip() or 0
    sent = mail.message(CAROL.address, learner.address, text(_vocabulary(9)))
    command = ('runuser', '-u', '_rspamd', '--', 'rspamc', '-h', '/run/rspamd/controller.sock')
    box.run(*command, '--rcpt', learner.address, 'learn_spam', stdin=sent.as_bytes())
    after = box.run('redis-cli', '-s', mail.REDIS, 'HGET', 'RS', 'learns_spam').strip()
    assert int(after) == int(before) + 1
    keys = box.run('redis-cli', '-s', mail.REDIS, '--scan', '--pattern', 'RS*').split()
    strange = [key for key in keys if not re.fullmatch('RS([0-9a-f]{32})?(_[0-9]+)?', key)]
    assert not strange


def test_a_memory_is_taken_to_another_mailbox(
    box: Host, taught: tuple[LabUser, LabUser], contrary: LabUser
) -> None:
    learner, _other = taught
    text = box.run('freedombox-email', 'spam', 'export', learner.address)
    box.run('freedombox-email', 'spam', 'import', contrary.address, '-', stdin=text)
    assert _learned(box, contrary.address) == _learned(box, learner.address)
    assert SPAM in _symbols(box, contrary, JUNK_WORDS)
    assert box.run('freedombox-email', 'spam', 'export', contrary.address) == text


def test_the_list_of_messages_of_earlier_versions_is_removed(box: Host) -> None:
    command = ('redis-cli', '-s', mail.REDIS)
    box.run(*command, 'LPUSH', 'rs_historybox', 'subject')
    box.run('python3', '-c', 'from plinth.modules.email.maintenance.setup import setup; setup()')
    assert not box.run(*command, '--scan', '--pattern', 'rs_history*').strip()


def test_what_no_mailbox_has_is_removed(box: Host) -> None:
    orphan = 'RS' + 'f' * 32
    command = ('redis-cli', '-s', mail.REDIS)
    box.run(*command, 'HSET', orphan, 'learns_spam', '1')
    box.run(*command, 'HSET', f'{orphan}_123', 'S', '1')
    box.run(*command, 'SADD', f'{SPAM}_keys', orphan)
    box.run('systemctl', 'start', 'freedombox-email-expire.service')
    assert not box.run(*command, '--scan', '--pattern', f'{orphan}*').strip()
    assert not int(box.run(*command, 'SISMEMBER', f'{SPAM}_keys', orphan))


def test_stored_mail_is_learned_and_forgotten(box: Host, people: tuple[LabUser, LabUser]) -> None:
    _learner, other = people
    box.run('freedombox-email', 'spam', 'forget', other.address)
    assert _learned(box, other.address) == (0, 0)
    with mail.mailbox(box.ip, other.address, other.password) as session:
        for folder, flags, words in (
            ('Junk', '', _vocabulary(5)),
            ('Sent', '', _vocabulary(6)),
            ('INBOX', '\\Answered', _vocabulary(7)),
            ('INBOX', '', _vocabulary(8)),
        ):
            stored = mail.message(CAROL.address, other.address, text(words))
            session.create(folder)
            session.append(folder, flags, '', stored.as_bytes())
    done = json.loads(box.run('freedombox-email', 'spam', 'learn', other.address, '--json'))
    assert done['learned']['complete']
    junk, wanted = _learned(box, other.address)
    assert (done['learned']['junk'], done['learned']['wanted']) == (junk, wanted)
    assert junk >= 1
    assert wanted >= 2
    again = json.loads(box.run('freedombox-email', 'spam', 'learn', other.address, '--json'))
    assert (again['learned']['junk'], again['learned']['wanted']) == (0, 0)
    box.run('freedombox-email', 'spam', 'forget', other.address)
    assert _learned(box, other.address) == (0, 0)
    keys = box.run('redis-cli', '-s', mail.REDIS, '--scan', '--pattern', 'RS*')
    assert not [each for each in keys.split() if len(each) > 2 and other.address in each]


def test_no_wanted_message_of_a_made_corpus_is_judged_as_junk() -> None:
    """The whole table is made by the bench, see doc/bench-memories.md."""
    with memories.mailbox():
        memories.learn(30)
        wanted, junk = memories.judge(60)
    assert not wanted.junk
    assert junk.junk > junk.wanted
