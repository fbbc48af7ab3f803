# SPDX-License-Identifier: AGPL-3.0-or-later
"""Aliases, alias domains, role addresses and labels: which addresses exist and whom they reach."""

from collections.abc import Iterator

import pytest

from lab import settings
from lab.settings import LabUser
from tests.conftest import Host

from . import directory, mail

ALICE, BOB = settings.USERS
CAROL, DAVE = settings.OUTSIDE_USERS
SHOP, STORE = 'shop.test', 'store.test'
TEAM = f'team@{SHOP}'
pytestmark = pytest.mark.usefixtures('desk')
ROLES = ('postmaster', 'abuse', 'hostmaster', 'webmaster', 'root', 'security', 'noc')


@pytest.fixture(name='desk', scope='module')
def fixture_desk(box: Host) -> Iterator[LabUser]:
    """A domain with a mailbox and an alias, and a second domain that shares its addresses."""
    with (
        directory.domain(box, SHOP),
        directory.domain(box, STORE, alias_of=SHOP),
        directory.mailbox(box, f'desk@{SHOP}') as desk,
        directory.alias(box, TEAM, desk.address, BOB.address, CAROL.address),
    ):
        yield LabUser(desk.address, desk.password, SHOP)


def _reaches(box: Host, recipient: str, user: LabUser) -> None:
    sent = mail.message(DAVE.address, recipient)
    mail.deliver(box.ip, sent)
    mail.wait_for(box.ip, user, sent)


def test_an_alias_reaches_all_its_destinations_here_and_elsewhere(
    box: Host, outside: Host, desk: LabUser
) -> None:
    sent = mail.message(DAVE.address, TEAM)
    mail.deliver(box.ip, sent)
    for user in (desk, BOB):
        mail.wait_for(box.ip, user, sent)
    mail.wait_for(outside.ip, CAROL, sent, encrypted=False)


@pytest.mark.parametrize(
    'recipient',
    [f'desk@{STORE}', f'team@{STORE}', f'desk+label@{SHOP}', f'team+label@{SHOP}',
     f'desk+label@{STORE}', f'DESK@{SHOP.upper()}', f'Team@{STORE.title()}'],
)  # fmt: skip
def test_other_forms_of_an_address_reach_it(box: Host, desk: LabUser, recipient: str) -> None:
    _reaches(box, recipient, desk)


@pytest.mark.parametrize('recipient', [f'ALICE@{ALICE.domain}', f'alice+a+b@{ALICE.domain}'])
def test_other_forms_of_a_users_address_reach_her(box: Host, recipient: str) -> None:
    _reaches(box, recipient, ALICE)


def test_the_same_name_in_another_domain_is_someone_else(box: Host) -> None:
    assert mail.ask(box.ip, f'alice@{SHOP}', f'desk@{ALICE.domain}') == [550, 550]


def test_unknown_addresses_are_refused_at_once(box: Host) -> None:
    unknown = [f'nobody@{SHOP}', f'nobody@{STORE}', f'nobody+desk@{STORE}', f'@{SHOP}',
               f'de*k@{SHOP}', f'desk)(cn=*@{SHOP}', 'desk@localhost']  # fmt: skip
    for recipient in unknown:
        (code,) = mail.ask(box.ip, recipient)
        assert 500 <= code < 600, recipient


@pytest.mark.parametrize('domain', [*settings.DOMAINS, SHOP, STORE])
def test_role_addresses_of_every_domain_reach_the_admin(box: Host, domain: str) -> None:
    sent = [mail.message(DAVE.address, f'{role}@{domain}') for role in ROLES]
    for each in sent:
        mail.deliver(box.ip, each)
    for each in sent:
        mail.wait_for(box.ip, settings.ADMIN, each)


@pytest.mark.parametrize(
    ('entry', 'dead'),
    [(f'fbxMailAddress=desk@{SHOP},ou=mailboxes', [f'desk@{SHOP}', f'desk@{STORE}']),
     (f'fbxMailAddress={TEAM},ou=aliases', [TEAM, f'team@{STORE}']),
     (f'fbxMailDomainName={STORE},ou=domains', [f'desk+off@{STORE}', f'team+off@{STORE}']),
     (f'fbxMailDomainName={SHOP},ou=domains', [f'desk+off@{SHOP}', f'team+off@{SHOP}'])],
)  # fmt: skip
def test_what_is_switched_off_is_refused_and_works_again(
    box: Host, entry: str, dead: list[str]
) -> None:
    # A Postfix process remembers which domains are ours, so these were not asked for before.
    with directory.switched_off(box, entry):
        assert all(500 <= code < 600 for code in mail.ask(box.ip, *dead))
    assert mail.ask(box.ip, *(each.replace('+off', '+on') for each in dead)) == [250, 250]


def test_a_mailbox_that_is_switched_off_opens_for_no_one(box: Host, desk: LabUser) -> None:
    with (
        directory.switched_off(box, f'fbxMailAddress=desk@{SHOP},ou=mailboxes'),
        pytest.raises(mail.imaplib.IMAP4.error, match='AUTHENTICATIONFAILED'),
        mail.mailbox(box.ip, desk.username, desk.password),
    ):
        pass
