# SPDX-License-Identifier: AGPL-3.0-or-later
"""Real mail programs, told no more than the box says, read and send mail over trusted TLS."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import BrowserContext, Page

from lab import dns, laptop, life, settings
from tests.integration import certificates
from tests.integration import mail as post

from ..conftest import Host
from . import mail_programs, people, qr, thunderbird
from .conftest import page_of
from .people import MAIN, OTHER, mail
from .qr import DeviceAccount
from .test_connect import connect, passwords

pytestmark = [pytest.mark.long, pytest.mark.usefixtures('computer', 'quiet_journal')]
ALICE = settings.USERS[0]
CAROL = settings.OUTSIDE_USERS[0]
SHOP = settings.LabUser('laptop-shop', 'shop-lab-password', OTHER)
SCRIPT = 'require "fileinto";\nif header :is "subject" "never" {\n  fileinto "Archive";\n}\n'
CONFIG = '/mail/config-v1.1.xml'
FOUND = 'Configuration found at email provider'


def publish(box: Host, more: str = '') -> None:
    """Serve the records of the box's domains as the box gives them out; `more` of the other one."""
    texts = {name: box.run('freedombox-email', 'dns', 'zone', name) for name in settings.DOMAINS}
    texts[OTHER] += f'{more}\n'
    others = [each for each in life.zones() if each.domain not in texts]
    dns.publish([*others, *(dns.LabZone(name, text) for name, text in texts.items())])
    laptop.forget_names()


@pytest.fixture(name='computer', scope='module')
def fixture_computer(box: Host) -> Iterator[None]:
    """A computer that trusts the box's certificate and finds its names."""
    people.forget_tries()
    with mail_programs.computer(box, MAIN):
        publish(box)
        yield
    life.publish_zones()


@pytest.fixture(name='password')
def fixture_password() -> Iterator[str]:
    """A new app password of Alice's."""
    yield mail('app-password', 'add', ALICE.username, 'Laptop').strip()
    for each in passwords(ALICE):
        mail('app-password', 'remove', each['key_id'])


@pytest.fixture(name='alice')
def fixture_alice(session_of: Callable[[settings.LabUser], BrowserContext]) -> Iterator[Page]:
    yield from page_of(session_of(ALICE))
    for each in passwords(ALICE):
        mail('app-password', 'remove', each['key_id'])


def from_outside(box: Host) -> EmailMessage:
    """A message from elsewhere that is in Alice's inbox."""
    sent = post.message(CAROL.address, ALICE.address, 'From far away.\n')
    post.deliver_in_time(box.ip, sent)
    post.wait_for(box.ip, ALICE, sent)
    return sent


def arrived(outside: Host, sent: EmailMessage) -> EmailMessage:
    """A message as it arrived outside."""
    return post.parsed(post.wait_for(outside.ip, CAROL, sent, encrypted=False))


def works(account: DeviceAccount, box: Host, outside: Host) -> None:
    """Have all programs do their work with an account."""
    mail_programs.configure(account)
    came = from_outside(box)
    mail_programs.fetch()
    assert mail_programs.fetched(came['Subject']), 'mbsync brought no message'
    for send in (mail_programs.send_by_msmtp, mail_programs.send_by_neomutt):
        sent = post.message(account.address, CAROL.address)
        send(sent)
        assert arrived(outside, sent)['From'].addresses[0].addr_spec == ALICE.address
    laptop.put('rules', SCRIPT)
    said = mail_programs.sieve(account, 'put rules', 'list', 'delete rules', 'list').stdout
    assert said.count('"rules"') == 1, said


def test_the_code_for_a_phone_is_enough(alice: Page, url: str, box: Host, outside: Host) -> None:
    connect(alice, url, 'android')
    works(qr.account(qr.scan(alice)), box, outside)


@pytest.mark.parametrize(
    'place',
    [f'http://autoconfig.{MAIN}{CONFIG}', f'https://{MAIN}/.well-known/autoconfig{CONFIG}'],
    ids=['http', 'https'],
)
def test_the_settings_for_programs_are_enough(
    place: str, password: str, box: Host, outside: Host
) -> None:
    document = laptop.run('curl', '--silent', '--show-error', '--fail', place).stdout
    works(mail_programs.account_of(document, ALICE.address, password), box, outside)


def test_no_program_tells_a_stranger_the_password(password: str) -> None:
    """This name leads to the same box, but its certificate is for another one."""
    name = f'autoconfig.{MAIN}'
    address = f'{ALICE.username}@{name}'
    account = DeviceAccount((name, 993), (name, 465), ALICE.address, password, address)
    mail_programs.configure(account)
    sent = post.message(account.address, CAROL.address)
    for ran in (
        mail_programs.fetch(check=False),
        mail_programs.send_by_msmtp(sent, check=False),
        mail_programs.send_by_neomutt(sent, check=False),
        mail_programs.sieve(account, 'list', check=False),
    ):
        assert ran.returncode != 0, ran.args
        assert re.search('certificate|hostname verification', ran.stdout + ran.stderr), ran.args


def test_thunderbird_needs_the_address_and_a_password(
    password: str, box: Host, outside: Host
) -> None:
    came, sent = from_outside(box), post.message(ALICE.address, CAROL.address)
    with thunderbird.started() as program:
        assert FOUND in program.find('Alice', ALICE.address)
        program.finish(password)
        assert 'From far away.' in program.read(came['Subject'])
        program.send(CAROL.address, sent['Subject'], 'Written in Thunderbird.')
    assert arrived(outside, sent)['From'].addresses[0].addr_spec == ALICE.address
    post.wait_for(box.ip, ALICE, sent, 'Sent')


@pytest.fixture(name='shop')
def fixture_shop() -> Iterator[settings.LabUser]:
    """A mailbox of the other domain."""
    people.forget_mailbox(SHOP.address)
    mail('mailbox', 'add', SHOP.address, stdin=f'{SHOP.password}\n')
    yield SHOP
    people.forget_mailbox(SHOP.address)


def finishes(program: thunderbird.Thunderbird, user: settings.LabUser, outside: Host) -> None:
    """Have Thunderbird send a message with what it found."""
    sent = post.message(user.address, CAROL.address)
    program.finish(user.password)
    program.send(CAROL.address, sent['Subject'], 'Written in Thunderbird.')
    assert arrived(outside, sent)['From'].addresses[0].addr_spec == user.address


def test_thunderbird_asks_before_it_goes_to_a_host_of_another_domain(
    shop: settings.LabUser, outside: Host
) -> None:
    """Nothing else answers Outlook's question than the host of the SRV record."""
    with thunderbird.started() as program:
        asked = program.find('Shop', shop.address)
        assert 'Setup information found on 3rd party domain' in asked
        assert MAIN in asked
        assert FOUND in program.agree()
        finishes(program, shop, outside)


def test_thunderbird_asks_nothing_where_the_domain_has_a_certificate(
    shop: settings.LabUser, box: Host, outside: Host
) -> None:
    publish(box, f'@ A {box.ip}')
    with certificates.site(box, OTHER), thunderbird.started() as program:
        assert FOUND in program.find('Shop', shop.address)
        finishes(program, shop, outside)
