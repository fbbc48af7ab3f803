# SPDX-License-Identifier: AGPL-3.0-or-later
"""An automatic reply goes once to each person who writes to its owner, on its days."""

import datetime
import json
import uuid
from collections.abc import Iterator

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import directory, mail

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
NASTY = 'Back "soon" ${x} \\'
TEXT = '.\r\ntext:\n"; discard;\n\\\n${subject} }'


def _reply(box: Host, *options: str, text: str = TEXT) -> str:
    """Have Alice's mail answered; return the subject of the answers."""
    subject = f'{NASTY} {uuid.uuid4()}'
    box.run('freedombox-email', 'rules', 'vacation', ALICE.address, '--subject', subject,
            *options, stdin=text)  # fmt: skip
    return subject


@pytest.fixture(autouse=True)
def _no_reply_is_left(box: Host) -> Iterator[None]:
    yield
    box.run('freedombox-email', 'rules', 'vacation', '--off', ALICE.address)


def _write(box: Host, to: str = ALICE.address, **headers: str) -> None:
    """Have Bob write to Alice, and wait until the message was delivered."""
    sent = mail.message(BOB.address, to, **headers)
    mail.submit(box.ip, BOB, sent)
    mail.wait_for(box.ip, ALICE, sent)


def _wanted(subject: str) -> mail.EmailMessage:
    wanted = mail.EmailMessage()
    wanted['Subject'] = subject
    return wanted


def _answers(box: Host, subject: str) -> int:
    """The number of answers Bob has."""
    with mail.mailbox(box.ip, BOB.username, BOB.password) as session:
        session.select('INBOX', readonly=True)
        _, found = session.search(None, 'HEADER', 'Subject', f'"{subject.rpartition(" ")[2]}"')
        return len(found[0].split())


def _day(days: int) -> str:
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days)).isoformat()


def test_a_stranger_gets_the_text_as_it_was_typed(box: Host, outside: Host) -> None:
    subject = _reply(box, '--from', _day(-1), '--until', _day(1))
    sent = mail.message(CAROL.address, ALICE.address)
    mail.deliver_in_time(box.ip, sent)
    found = mail.parsed(
        mail.wait_for(outside.ip, CAROL, _wanted(subject.rpartition(' ')[2]), encrypted=False)
    )
    assert found['Subject'] == subject
    assert ALICE.address in str(found['From'])
    assert found['In-Reply-To'] == sent['Message-ID']
    assert str(found['Auto-Submitted']).startswith('auto-replied')
    assert found.get_content().replace('\r\n', '\n').strip() == TEXT.replace('\r\n', '\n')


def test_one_sender_gets_one_reply(box: Host) -> None:
    journal = box.journal_since()
    subject = _reply(box)
    _write(box)
    mail.until('the reply', lambda: _answers(box, subject) == 1, 30)
    _write(box)
    assert 'discarded duplicate vacation response' in journal()
    assert _answers(box, subject) == 1


def test_mail_to_an_alias_is_answered(box: Host) -> None:
    subject, alias = _reply(box), f'away-alias@{ALICE.domain}'
    with directory.alias(box, alias, ALICE.address):
        _write(box, alias)
        mail.until('the reply', lambda: _answers(box, subject) == 1, 30)


_SCRIPTS = ('env', 'LDAPSCRIPTS_CONF=/etc/ldapscripts/freedombox-ldapscripts.conf')
_OLD, _NEW = 'rules-goer', 'rules-comer'
_RULES = f'/var/lib/freedombox-email/rules/mailboxes/{ALICE.domain}/{_OLD}'
_SETTLE = ('python3', '-c', 'from plinth.modules.email.rules import placement; placement.settle()')


@pytest.fixture(name='goer')
def fixture_goer(box: Host) -> Iterator[str]:
    """Have one more user, who has a mailbox."""
    box.run(*_SCRIPTS, 'ldapadduser', _OLD, 'users')
    box.run('freedombox-email', 'reconcile')
    yield f'{_OLD}@{ALICE.domain}'
    for name in (_OLD, _NEW):
        box.run(*_SCRIPTS, 'ldapdeleteuser', name, check=False)
    box.run('freedombox-email', 'reconcile')
    box.run('freedombox-email', 'alias', 'remove', f'{_NEW}@{ALICE.domain}', '--force', check=False)
    box.run('freedombox-email', 'mailbox', 'remove', f'{_OLD}@{ALICE.domain}', '--force',
            '--delete-mail', check=False)  # fmt: skip
    box.run('freedombox-email', 'reconcile')


def _placed(box: Host) -> str:
    """The files of the rules, and when they were made."""
    return box.run('find', _RULES, '-type', 'f', '-printf', '%f %T@\\n')


def test_the_rules_of_a_user_who_was_renamed_follow(box: Host, goer: str) -> None:
    """The mailbox keeps its address, and mail to the new name is answered and filtered as well."""
    subject = f'{uuid.uuid4()}'
    box.run('freedombox-email', 'rules', 'vacation', goer, '--subject', subject, '--text', 'Away')
    box.run('freedombox-email', 'rules', 'add-filter', goer, '--subject', 'choir', '--folder',
            'Choir', 'Choir')  # fmt: skip
    box.run(*_SCRIPTS, 'ldaprenameuser', _OLD, _NEW)
    box.run('freedombox-email', 'reconcile')
    before = _placed(box)
    box.run(*_SETTLE)
    assert _placed(box) == before, 'nothing was left to settle'
    sent = mail.message(BOB.address, f'{_NEW}@{ALICE.domain}', Subject=f'choir {uuid.uuid4()}')
    mail.submit(box.ip, BOB, sent)
    mail.until('the reply', lambda: _answers(box, subject) == 1, 30)
    found = box.run('doveadm', 'search', '-u', goer, 'mailbox', 'Choir', 'subject', sent['Subject'])
    assert found.strip(), 'the message is not in the folder of the filter'


@pytest.mark.parametrize(
    'headers',
    [{'List_Id': '<news.example.test>'}, {'Precedence': 'bulk'},
     {'Auto_Submitted': 'auto-generated'}],
    ids=['list', 'bulk', 'program'],
)  # fmt: skip
def test_lists_and_programs_get_none(box: Host, headers: dict[str, str]) -> None:
    journal = box.journal_since()
    _reply(box)
    _write(box, **headers)
    assert 'sent vacation response' not in journal()


@pytest.mark.parametrize('days', [('--from', 1), ('--until', -1)], ids=['before', 'after'])
def test_none_outside_of_its_days(box: Host, days: tuple[str, int]) -> None:
    journal = box.journal_since()
    _reply(box, days[0], _day(days[1]))
    _write(box)
    assert 'sent vacation response' not in journal()


def test_a_reply_that_is_refused_changes_nothing(box: Host) -> None:
    _reply(box, '--days', '3')
    found = box.run('freedombox-email', 'rules', 'vacation', ALICE.address, '--days', '0',
                    '--text', 'x', check=False)  # fmt: skip
    assert 'Enter a number of days' in found
    answer = json.loads(box.run('freedombox-email', 'rules', 'show', ALICE.address, '--json'))
    assert answer['rules']['vacation']['days'] == 3


def test_the_scripts_are_roots_and_go_with_the_reply(box: Host) -> None:
    folder = f'/var/lib/freedombox-email/rules/mailboxes/{ALICE.domain}/{ALICE.username}'
    _reply(box)
    found = box.run('stat', '-c', '%a %U %G', f'{folder}/rules.sieve', f'{folder}/rules.svbin')
    assert found.split() == ['640', 'root', 'vmail'] * 2
    box.run('freedombox-email', 'rules', 'vacation', '--off', ALICE.address)
    assert not box.succeeds('test', '-e', folder)
