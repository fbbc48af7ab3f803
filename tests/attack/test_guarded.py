# SPDX-License-Identifier: AGPL-3.0-or-later
"""No one gets around a guard: not its person, and not who writes to them."""

import imaplib
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage

import pytest

from lab import dns, life, settings
from lab.settings import LabUser
from tests.conftest import Host
from tests.integration import directory, guarded, mail, senders
from tests.integration.guarded import CALL, CAROL, DAVE, bring, wait_until_waiting, waiting
from tests.integration.managesieve import ManageSieve, RefusedScriptError

from .test_web_guessing import WebVisit

ALICE, BOB = settings.USERS
AUTHOR = 'X-FreedomBox-Author'
PASSWORD_PAGE = '/freedombox/apps/email/password/'


def _bring_raw(box: Host, kid: LabUser, head: str, sender: str = DAVE.address) -> mail.EmailMessage:
    """A message with lines of its own before those of an ordinary one."""
    sent = mail.message(sender, kid.address)
    _bring_content(box, kid, head.encode() + sent.as_bytes())
    return sent


def _bring_content(box: Host, kid: LabUser, content: bytes) -> None:
    """Bring bytes of a message, by a host that is allowed to send for dave alone."""

    def is_taken() -> bool:
        with mail.smtplib.SMTP(box.ip, 25, local_hostname=mail.HELO, timeout=30) as session:
            answer = mail.answer(
                lambda: session.sendmail(DAVE.address, kid.address, mail.as_sent(content))
            )
        return answer[0] == 250

    mail.in_time('the mail to be taken', is_taken, 90)


@pytest.mark.parametrize(
    'line',
    [
        f'{AUTHOR}: {CAROL.address}\n',
        f'{AUTHOR.lower()}: {CAROL.address}\n{AUTHOR}: {CAROL.address}\n',
        f'{AUTHOR} : {CAROL.address}\n',
        f'{AUTHOR}:\n {CAROL.address}\n',
        f'Authentication-Results: example.test; dmarc=pass header.from={CAROL.address}\n',
    ],
)
def test_a_forged_line_makes_no_one_known(box: Host, line: str) -> None:
    with guarded.child(box) as kid:
        found = wait_until_waiting(box, kid, _bring_raw(box, kid, line))
        assert found['author'] in ('', DAVE.address)


def test_a_forged_from_line_of_a_known_correspondent_waits(box: Host) -> None:
    """Its domain has no policy, so the message is not refused."""
    with guarded.child(box, '--known', 'boss@no-such-zone.outside.test') as kid:
        sent = _bring_raw(box, kid, '', 'boss@no-such-zone.outside.test')
        assert wait_until_waiting(box, kid, sent)['author'] != CAROL.address


OPEN, RELAXED, STRICT, OTHER = 'open-lab.org', 'relaxed-lab.org', 'strict-lab.org', 'other-lab.org'
"""Domains without a policy for spoofed mail, with one, and with one for exactly that domain; of no
organisation would be those that end in `test`, which is in no list of public suffixes."""


@pytest.fixture(name='friend', scope='module')
def fixture_friend(box: Host) -> Iterator[LabUser]:
    """A guarded mailbox that knows a friend in each domain, and what signs for these."""
    key = f'{senders.SELECTOR}._domainkey'
    keys = '\n'.join(f'{name} TXT ({senders.PUBLIC})' for name in (key, f'{key}.one', f'{key}.two'))
    policies = {OPEN: '', OTHER: '', RELAXED: 'v=DMARC1; p=none',
                STRICT: 'v=DMARC1; p=none; adkim=s; aspf=s'}  # fmt: skip
    zones = [
        dns.LabZone(name, f'{keys}\n' + (f'_dmarc TXT "{policy}"' if policy else ''))
        for name, policy in policies.items()
    ]
    dns.publish([*life.zones(), *zones])
    known = [('--known', f'friend@{each}') for each in (OPEN, f'one.{OPEN}', RELAXED, STRICT)]
    with guarded.child(box, *(word for pair in known for word in pair)) as kid:
        yield kid
    life.publish_zones()


def _bring_signed(box: Host, friend: LabUser, domain: str, signer: str) -> EmailMessage:
    """Bring a message from a friend in a domain, with the signature of another."""
    sent = mail.message(f'friend@{domain}', friend.address)
    _bring_content(box, friend, senders.signed(sent, signer))
    return sent


@pytest.mark.parametrize(('domain', 'signer'), [
    (OPEN, OTHER), (OPEN, f'one.{OPEN}'), (f'one.{OPEN}', f'two.{OPEN}'), (STRICT, f'one.{STRICT}'),
    (RELAXED, OTHER),
])  # fmt: skip
def test_a_signature_of_another_makes_no_one_known(
    box: Host, friend: LabUser, domain: str, signer: str
) -> None:
    """A name beside or below one may be another person's, as with dynamic DNS."""
    sent = _bring_signed(box, friend, domain, signer)
    assert wait_until_waiting(box, friend, sent)['author'] == ''


@pytest.mark.parametrize(('domain', 'signer'), [
    (OPEN, OPEN), (f'one.{OPEN}', OPEN), (STRICT, STRICT), (RELAXED, f'one.{RELAXED}'),
])  # fmt: skip
def test_a_signature_of_their_domain_makes_them_known(
    box: Host, friend: LabUser, domain: str, signer: str
) -> None:
    sent = _bring_signed(box, friend, domain, signer)
    assert guarded.arrived(box, friend, sent)[AUTHOR] == f'friend@{domain}'


def test_another_mailbox_of_a_guarded_person_is_guarded_at_once(box: Host) -> None:
    other = LabUser('bob-too', BOB.password, BOB.domain)
    box.run(CALL, 'guard', 'set', BOB.address, '--known', CAROL.address)
    try:
        box.run(CALL, 'mailbox', 'add', other.address, '--owner', BOB.username)
        assert box.succeeds('test', '-e', f'/var/lib/freedombox-email-guards/{other.address}.svbin')
        wait_until_waiting(box, other, bring(box, other, DAVE))
        box.run(CALL, 'mailbox', 'remove', '--delete-mail', other.address)
        assert not box.succeeds(
            'test', '-e', f'/var/lib/freedombox-email-guards/{other.address}.sieve'
        )
    finally:
        box.run(CALL, 'guard', 'off', BOB.address)


def test_the_next_owner_of_an_address_guards_no_one(box: Host) -> None:
    granny = f'granny@{guarded.MAIN}'
    with guarded.child(box) as kid:
        with directory.mailbox(box, granny):
            box.run(CALL, 'guard', 'set', kid.address, '--guardian', granny)
        with directory.mailbox(box, granny):
            assert granny not in box.run(CALL, 'guard', 'list', '--json')


def test_no_one_reads_the_links_for_their_own_mail(box: Host) -> None:
    """A shared mailbox that guards a person is no one's to share with that person."""
    with (
        directory.mailbox(box, f'parents@{guarded.MAIN}') as parents,
        guarded.child(box, '--guardian', parents.address) as kid,
    ):
        assert not box.succeeds(CALL, 'members', 'set', parents.address, kid.address, 'read')
        assert box.succeeds(CALL, 'members', 'set', parents.address, ALICE.username, 'read')
        box.run(CALL, 'guard', 'off', kid.address)
        box.run(CALL, 'members', 'set', parents.address, kid.address, 'read')
        assert not box.succeeds(CALL, 'guard', 'set', kid.address, '--guardian', parents.address)
        box.run(CALL, 'members', 'remove', parents.address, kid.address)


def test_a_user_cannot_bring_in_mail_of_others(box: Host) -> None:
    """Such a line of a user is removed."""
    with guarded.child(box) as kid:
        sent = mail.message(BOB.address, kid.address)
        sent[AUTHOR] = CAROL.address
        mail.submit(box.ip, BOB, sent)
        assert guarded.arrived(box, kid, sent)[AUTHOR] is None


def test_no_mail_app_sees_the_mail_that_waits(box: Host) -> None:
    with guarded.child(box) as kid:
        wait_until_waiting(box, kid, bring(box, kid, DAVE))
        with mail.mailbox(box.ip, kid.address, kid.password) as session:
            _, listed = session.list('""', '"*"')
            assert not [each for each in listed if each and b'aiting' in bytes(each)]
            for name in ('freedombox-waiting/Waiting', 'freedombox-waiting', '.Waiting'):
                assert session.select(f'"{name}"')[0] == 'NO', f'{name} can be opened'
            with suppress(imaplib.IMAP4.error):
                session.create('"freedombox-waiting/Waiting"')
            assert session.select('"freedombox-waiting/Waiting"')[1] in ([b'0'], [None])
        assert len(waiting(box, kid)) == 1


def test_no_script_of_its_person_comes_first(box: Host) -> None:
    with guarded.child(box) as kid:
        with ManageSieve(box.ip) as session:
            session.starttls()
            session.login(kid.address, kid.password)
            session.put('mine', 'keep;\n')
            session.activate('mine')
        wait_until_waiting(box, kid, bring(box, kid, DAVE))


def test_filters_that_may_not_be_changed_cannot_be_reached(box: Host) -> None:
    with (
        guarded.child(box, '--may-filters', 'no') as kid,
        ManageSieve(box.ip) as session,
    ):
        session.starttls()
        with pytest.raises(RefusedScriptError, match='administrator'):
            session.login(kid.address, kid.password)
        assert mail.reads(box, kid.address, kid.password), 'reading is another matter'


def test_a_script_cannot_forward_where_the_person_may_not(box: Host, outside: Host) -> None:
    with guarded.child(box) as kid:
        with ManageSieve(box.ip) as session:
            session.starttls()
            session.login(kid.address, kid.password)
            with suppress(RefusedScriptError):
                session.put('out', f'redirect "{CAROL.address}";\n')
                session.activate('out')
        sent = bring(box, kid, CAROL)
        guarded.arrived(box, kid, sent)
        with mail.mailbox(outside.ip, CAROL.username, CAROL.password, encrypted=False) as session:
            assert not mail.numbers(session, sent), 'it was forwarded'


def test_a_message_that_waits_is_named_by_no_other_text(box: Host) -> None:
    with guarded.child(box) as kid:
        found = wait_until_waiting(box, kid, bring(box, kid, DAVE))
        for name in (
            '',
            '*',
            '../../cur',
            found['id'][:-1],
            found['id'].upper(),
            f'{found["id"]}/',
        ):
            assert not box.succeeds(CALL, 'guard', 'approve', kid.address, '--', name), name
        assert len(waiting(box, kid)) == 1


def _choose_password(kid: LabUser, new: str) -> str:
    """The page after a guarded user asked for another password."""
    visit = WebVisit(settings.GATEWAY)
    fields = {'address': kid.address, 'old_password': kid.password, 'password': new, 'again': new}
    return visit.ask(PASSWORD_PAGE, visit.form(PASSWORD_PAGE, **fields))[1]


def test_a_password_is_changed_by_its_user_if_that_is_allowed(box: Host) -> None:
    new = 'quiet meadow under glass'
    with guarded.child(box, '--may-password', 'no') as kid:
        assert 'Ask your administrator' in _choose_password(kid, new)
        assert mail.reads(box, kid.address, kid.password)
        assert not mail.reads(box, kid.address, new)
        box.run(CALL, 'guard', 'set', kid.address, '--may-password', 'yes')
        _choose_password(kid, new)
        assert mail.reads(box, kid.address, new)
