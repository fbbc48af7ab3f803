# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters do at delivery what their page says, each to the mail it is for and to no other."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab import settings
from tests.conftest import Host
from tests.integration import mail
from tests.integration.managesieve import ManageSieve

ALICE, BOB = settings.USERS
CAROL = settings.OUTSIDE_USERS[0]
SCRIPTS = f'/var/lib/freedombox-email/rules/mailboxes/{ALICE.domain}/{ALICE.username}'
NASTY = '"; discard; # ${x}'
FILTERS = (
    ('From one', '--from', 'dave@', '--folder', 'From one'),
    (NASTY, '--subject', NASTY, '--folder', 'Nasty'),
    ('Important', '--subject', 'important', '--flag', 'flagged', '--go-on'),
    ('Shop', '--label', 'shop', '--folder', 'Shop/New'),
    ('News', '--list', 'news.example', '--folder', 'News', '--flag', 'seen'),
    ('Large', '--larger', '200', '--folder', 'Large'),
    ('Copy', '--subject', 'copied', '--subject', 'twice', '--any', '--forward', CAROL.address),
    ('Away with it', '--subject', 'unwanted', '--discard'),
    ('Bücher', '--subject', 'Bücher', '--folder', 'Bücher'),
    ('Later', '--subject', 'important', '--folder', 'Later'),
)  # fmt: skip
"""Ten, the number a delivery is measured with."""


def _forget(box: Host) -> None:
    found = json.loads(box.run('freedombox-email', 'rules', 'show', ALICE.address, '--json'))
    for each in found['rules']['filters']:
        box.run('freedombox-email', 'rules', 'remove-filter', ALICE.address, '--', each['name'])


@pytest.fixture(autouse=True, scope='module')
def _filters(box: Host) -> Iterator[None]:
    _forget(box)
    for name, *options in FILTERS:
        box.run('freedombox-email', 'rules', 'add-filter', ALICE.address, *options, '--', name)
    yield
    _forget(box)
    box.run('freedombox-email', 'rules', 'labels', ALICE.address, 'off')


def _write(
    box: Host, to: str = ALICE.address, body: str = 'Hello.\n', **headers: str
) -> mail.EmailMessage:
    """Have Bob write to Alice; return what to look for."""
    subject = f'{headers.pop("Subject", "plain")} {uuid.uuid4()}'
    sent = mail.message(BOB.address, to, body, Subject=subject, **headers)
    mail.submit(box.ip, BOB, sent)
    wanted = mail.EmailMessage()
    wanted['Subject'] = subject.rpartition(' ')[2]
    return wanted


def _flags(box: Host, wanted: mail.EmailMessage, folder: str) -> str:
    with mail.mailbox(box.ip, ALICE.username, ALICE.password) as session:
        (number,) = mail.numbers(session, wanted, folder)
        return str(session.fetch(number, '(FLAGS)')[1])


@pytest.mark.parametrize(
    ('folder', 'headers'),
    [('INBOX', {}), ('Nasty', {'Subject': NASTY}), ('News', {'List_Id': '<news.example>'}),
     ('Large', {'body': 'x' * 70 + '\n'}), ('Shop/New', {'to': f'alice+shop@{ALICE.domain}'}),
     ('B&APw-cher', {'Subject': 'Bücher'}), ('Later', {'Subject': 'important'})],
    ids=['none', 'nasty', 'list', 'large', 'label', 'beyond ASCII', 'order'],
)  # fmt: skip
def test_messages_go_to_their_folders(box: Host, folder: str, headers: dict[str, str]) -> None:
    if 'body' in headers:
        headers = {'body': headers['body'] * 5000}
    wanted = _write(box, **headers)
    mail.wait_for(box.ip, ALICE, wanted, folder)
    assert ('Flagged' in _flags(box, wanted, folder)) == (folder == 'Later')
    assert ('Seen' in _flags(box, wanted, folder)) == (folder == 'News')


def test_a_copy_is_forwarded(box: Host, outside: Host) -> None:
    wanted = _write(box, Subject='twice')
    mail.wait_for(outside.ip, CAROL, wanted, encrypted=False)
    mail.wait_for(box.ip, ALICE, wanted)


def test_discarded_mail_is_nowhere(box: Host) -> None:
    journal = box.journal_since()
    _write(box, Subject='unwanted')
    mail.until('the delivery', lambda: 'Marked message to be discarded' in journal(), 30)


def test_mail_with_a_label_goes_to_its_folder_if_there_is_one(box: Host) -> None:
    topic = f'travel{uuid.uuid4().hex[:8]}'
    label = f'alice+{topic}@{ALICE.domain}'
    box.run('freedombox-email', 'rules', 'labels', ALICE.address, 'on')
    mail.wait_for(box.ip, ALICE, _write(box, label))
    box.run('doveadm', 'mailbox', 'create', '-u', ALICE.address, topic.capitalize())
    mail.wait_for(box.ip, ALICE, _write(box, label), topic.capitalize())
    box.run('freedombox-email', 'rules', 'labels', ALICE.address, 'off')
    mail.wait_for(box.ip, ALICE, _write(box, label))


@contextmanager
def _session(box: Host) -> Iterator[ManageSieve]:
    with ManageSieve(box.ip) as session:
        session.starttls()
        session.login(ALICE.username, ALICE.password)
        yield session


def _copy(box: Host) -> str:
    with _session(box) as session:
        assert '"FreedomBox"\r\n' in session.scripts(), 'there is a copy, and it is not active'
        return session.get('FreedomBox')


def test_mail_apps_see_the_rules_as_a_script(box: Host) -> None:
    assert '# rule:[Shop]\nif allof (envelope :detail' in _copy(box)
    box.run('freedombox-email', 'rules', 'move-filter', ALICE.address, 'Shop', '1')
    assert _copy(box).index('rule:[Shop]') < _copy(box).index('rule:[From one]')
    with _session(box) as session:
        session.put('FreedomBox', session.get('FreedomBox') + 'keep;')
    box.run('freedombox-email', 'rules', 'move-filter', ALICE.address, 'Shop', '4')
    found = _copy(box)
    assert found.index('rule:[Shop]') < found.index('rule:[From one]'), 'what a person wrote stays'
    with _session(box) as session:
        session.delete('FreedomBox')
    box.run('freedombox-email', 'rules', 'move-filter', ALICE.address, 'Shop', '4')


def test_filters_of_mail_apps_have_an_active_script(box: Host) -> None:
    """Roundcube would put them into the copy else, where they never run."""
    with _session(box) as session:
        session.activate('')
    box.run('freedombox-email', 'rules', 'move-filter', ALICE.address, 'Shop', '1')
    with _session(box) as session:
        assert '"own" ACTIVE' in session.scripts()
        assert session.get('own').startswith('#')
        session.put('own', session.get('own') + 'keep;\n')
        session.activate('')
    box.run('freedombox-email', 'rules', 'move-filter', ALICE.address, 'Shop', '4')
    with _session(box) as session:
        assert 'ACTIVE' not in session.scripts(), 'a script that was turned off stays off'
        session.delete('own')


def test_a_script_of_the_owner_works_beside_them(box: Host) -> None:
    with _session(box) as session:
        session.put('own', 'require ["fileinto", "mailbox"]; fileinto :create "Own";')
        session.activate('own')
        try:
            mail.wait_for(box.ip, ALICE, _write(box), 'Own')
            mail.wait_for(box.ip, ALICE, _write(box, Subject=NASTY), 'Nasty')
        finally:
            session.activate('')
            session.delete('own')


def test_lost_scripts_come_back_with_the_setup(box: Host) -> None:
    box.run('rm', '-r', SCRIPTS)
    box.run('mkdir', '-p', f'{SCRIPTS}-gone')
    box.run('python3', '-c', 'from plinth.modules.email.rules import placement; placement.settle()')
    assert box.succeeds('test', '-s', f'{SCRIPTS}/rules.svbin')
    assert not box.succeeds('test', '-e', f'{SCRIPTS}-gone')
    mail.wait_for(box.ip, ALICE, _write(box, Subject=NASTY), 'Nasty')


@pytest.fixture(name='house')
def fixture_house(box: Host) -> Iterator[None]:
    """Filters for all mailboxes, before and after those of each."""
    command = ('freedombox-email', 'rules')
    box.run(*command, 'add-filter', 'before', '--subject', 'house-one', '--folder', 'House', 'one')
    box.run(*command, 'add-filter', 'after', '--subject', 'house', '--flag', 'flagged', 'two')
    yield
    for place, name in (('before', 'one'), ('after', 'two')):
        box.run(*command, 'remove-filter', place, name)


@pytest.mark.usefixtures('house')
def test_filters_for_all_come_before_and_after(box: Host) -> None:
    first = _write(box, Subject=f'house-one {NASTY}')
    mail.wait_for(box.ip, ALICE, first, 'House')
    assert 'Flagged' not in _flags(box, first, 'House')
    later = _write(box, Subject='house-two')
    mail.wait_for(box.ip, ALICE, later)
    assert 'Flagged' in _flags(box, later, 'INBOX')
    filed = _write(box, Subject=f'house-two {NASTY}')
    mail.wait_for(box.ip, ALICE, filed, 'Nasty')
    assert 'Flagged' not in _flags(box, filed, 'Nasty')
