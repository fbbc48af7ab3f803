# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail the filter is not sure about goes to quarantine, and its person is told of it once."""

import json

import pytest

from lab.host import wait_for
from tests.conftest import Host

from . import mail, quarantined
from .quarantined import CALL, CAROL, address_of, bring, digests, kept, listed, subjects

_LOOK = """
import sys
from plinth.modules.email.directory.store import Store
from plinth.modules.email.errors import MailError
from plinth.modules.email.filtering import quarantine_links
try:
    with Store() as store:
        print(quarantine_links.find(store, sys.stdin.read()).message.subject)
except MailError as error:
    print(error.code)
"""


def looked_at(box: Host, secret: str) -> str:
    """The subject of the message a link is for, or why there is none."""
    return box.run('python3', '-c', _LOOK, stdin=secret).strip()


def test_only_possible_spam_goes_to_quarantine(box: Host) -> None:
    with quarantined.person(box) as user, quarantined.person(box, '') as other:
        maybe, sure = bring(box, user), bring(box, user, sure=True)
        elsewhere = bring(box, other)
        wanted = mail.message(CAROL.address, address_of(user))
        mail.deliver_in_time(box.ip, wanted)
        found = kept(box, user, maybe)
        assert float(found['points']) >= float(found['likely']) == 6
        mail.wait_for(box.ip, user, wanted)
        wait_for('obvious spam in Junk', lambda: len(subjects(box, user, 'Junk')) == 1, 60)
        assert sure in subjects(box, user, 'Junk')[0]
        assert subjects(box, user, 'Quarantine') == [maybe]
        assert maybe not in subjects(box, user, 'INBOX')
        wait_for('it in Junk', lambda: subjects(box, other, 'Junk') == [elsewhere], 60)
        assert listed(box, other) == []
        box.run(*CALL, 'mailbox', address_of(user), 'off')
        late = bring(box, user)
        wait_for('the next in Junk', lambda: late in subjects(box, user, 'Junk'), 60)


@pytest.mark.long
def test_the_choice_for_all_leaves_each_their_own(box: Host) -> None:
    with quarantined.person(box, 'off') as user, quarantined.person(box, '') as other:
        box.run(*CALL, 'default', 'on')
        try:
            mine, theirs = bring(box, user), bring(box, other)
            kept(box, other, theirs)
            wait_for('it in Junk', lambda: subjects(box, user, 'Junk') == [mine], 60)
        finally:
            box.run(*CALL, 'default', 'off')


def test_no_one_outside_chooses_the_folder(box: Host) -> None:
    name = 'x-freedombox-Undecided'
    with quarantined.person(box) as user:
        sent = mail.message(CAROL.address, address_of(user))
        sent[name] = '7.0 6.0'
        mail.deliver_in_time(box.ip, sent)
        arrived = mail.parsed(mail.wait_for(box.ip, user, sent))
        assert arrived[name] is None


_HOSTILE = 'Win\u202e!  https://evil.test/ www.evil.test \u200eRelease: ' + 'x' * 60


def test_a_person_is_told_once_of_new_messages(box: Host) -> None:
    with quarantined.person(box) as user, quarantined.person(box) as other:
        bring(box, user, subject=_HOSTILE)
        kept(box, user, 'Win')
        text = quarantined.told(box, user)
        (head,) = (line for line in text.splitlines() if line.startswith('Subject:'))
        assert head.startswith('Subject:  Win ! https:// evil.test/ www. evil.test Release: xxx')
        assert max(map(len, head.split())) <= 40
        assert text.count('/email/quarantine/#') == 3, 'no sender to allow'
        (digest,) = digests(box, user)
        assert 'DKIM-Signature' in digest
        assert digest['Auto-Submitted'] == 'auto-generated'
        assert digests(box, other) == []
        bring(box, user)
        box.run('systemctl', 'start', quarantined.SERVICE)
        assert len(digests(box, user)) == 1, 'not twice a day'
        assert listed(box, user), 'the message about it is in the inbox'


def test_a_link_does_one_thing_with_one_message(box: Host) -> None:
    with quarantined.person(box) as user:
        first, second = bring(box, user), bring(box, user)
        kept(box, user, first)
        kept(box, user, second)
        text = quarantined.told(box, user)
        for secret in quarantined.links(text, 'Release'):
            assert looked_at(box, secret) in (first, second)
            for altered in (secret[:-1], secret + 'A', secret.swapcase(), 'A' + secret[1:]):
                assert looked_at(box, altered) == 'quarantine-link-invalid'
        key = '/var/lib/freedombox-email/quarantine/link-key'
        box.run('mv', key, f'{key}.old')
        try:
            assert looked_at(box, secret) == 'quarantine-link-invalid', 'another key'
        finally:
            box.run('mv', f'{key}.old', key)
        assert looked_at(box, secret) != 'quarantine-link-invalid'


@pytest.mark.long
def test_a_link_is_not_for_the_next_person_with_the_address(box: Host) -> None:
    with quarantined.person(box) as user:
        kept(box, user, bring(box, user))
        (secret,) = quarantined.links(quarantined.told(box, user), 'Release')
        box.run('freedombox-email', 'mailbox', 'disable', address_of(user))
        assert looked_at(box, secret) == 'quarantine-link-invalid'
        box.run('freedombox-email', 'mailbox', 'enable', address_of(user))
        assert looked_at(box, secret) != 'quarantine-link-invalid'


def _wanted(box: Host, user: quarantined.LabUser) -> int:
    found = json.loads(box.run('freedombox-email', 'spam', 'show', '--json'))
    return int(found['mailboxes'][address_of(user)]['wanted'])


def test_a_released_message_is_in_the_inbox_and_teaches_the_filter(box: Host) -> None:
    with quarantined.person(box) as user:
        first, second = bring(box, user), bring(box, user)
        wanted, unwanted = kept(box, user, first), kept(box, user, second)
        box.run(*CALL, 'release', address_of(user), wanted['id'])
        assert subjects(box, user, 'INBOX') == [first]
        assert not box.succeeds(*CALL, 'release', address_of(user), wanted['id']), 'once'
        assert not box.succeeds(*CALL, 'delete', address_of(user), wanted['id'])
        wait_for('the filter to learn', lambda: _wanted(box, user) == 1, 30)
        box.run(*CALL, 'delete', address_of(user), unwanted['id'])
        assert subjects(box, user, 'INBOX') == [first]
        assert listed(box, user) == []
        assert subjects(box, user, 'freedombox-deleted/Messages') == [second], 'not the released'
        assert _wanted(box, user) == 1


@pytest.mark.long
def test_moving_mail_from_quarantine_to_junk_teaches_that_alone(box: Host) -> None:
    with quarantined.person(box) as user:
        kept(box, user, bring(box, user))
        with mail.mailbox(box.ip, user.username, user.password) as session:
            session.select('Quarantine')
            session.xatom('MOVE', '1', 'Junk')

        def learned() -> tuple[int, int]:
            found = json.loads(box.run('freedombox-email', 'spam', 'show', '--json'))
            here = found['mailboxes'][address_of(user)]
            return here['junk'], here['wanted']

        wait_for('the filter to learn', lambda: learned() == (1, 0), 30)


@pytest.mark.long
def test_a_full_mailbox_releases_its_messages(box: Host) -> None:
    with quarantined.person(box) as user:
        subject = bring(box, user)
        wanted = kept(box, user, subject)
        box.run('freedombox-email', 'quota', 'mailbox', address_of(user), '1 MB')
        save = (
            'doveadm',
            '-o',
            'quota_enforce=no',
            'save',
            '-u',
            address_of(user),
            '-m',
            'Archive',
        )
        box.run(*save, stdin=f'Subject: large\n\n{"x" * 60}\n' * 20_000)
        box.run(*CALL, 'release', address_of(user), wanted['id'])
        assert subjects(box, user, 'INBOX') == [subject]


@pytest.mark.long
def test_old_messages_are_deleted(box: Host) -> None:
    with quarantined.person(box) as user:
        kept(box, user, bring(box, user))
        old = (
            'from datetime import UTC, datetime, timedelta\n'
            'from plinth.modules.email.maintenance.old_mail_deletion import delete_old\n'
            'delete_old(datetime.now(UTC) + timedelta(days={days}))\n'
        )
        box.run('python3', '-c', old.format(days=29))
        assert listed(box, user)
        box.run('python3', '-c', old.format(days=31))
        assert listed(box, user) == []
