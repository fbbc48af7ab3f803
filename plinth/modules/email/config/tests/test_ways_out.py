# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Postfix for the ways mail leaves by."""

import re

import pytest

from ...directory.relay import Relay
from ...directory.route import Route, RouteRule
from ..ways_out import Routing, absent, absent_files, keys, services, tables, transport

ONE = Relay('one', 'smtp.one.test', login='me', backups='two home')
TWO = Relay('two', 'smtp.two.test', 2525, verify=False)
HOME = Relay('home', 'mail.home.test', 465, 'implicit')
ALL = Routing((ONE, TWO, HOME))


def waits(reason: str) -> bool:
    """Whether mail waits after a failure, as Postfix goes through the table."""
    (text,) = [each.content for each in tables(ALL, ()) if 'waiting' in each.path]
    skipping = depth = 0
    for line in text.splitlines()[1:]:
        if line.startswith('if '):
            depth += 1
            no, pattern = line.startswith('if !'), line.partition('/')[2].removesuffix('/')
            if not skipping and bool(re.search(pattern, reason, re.IGNORECASE)) is no:
                skipping = depth
        elif line == 'endif':
            skipping = 0 if skipping == depth else skipping
            depth -= 1
        elif not skipping:
            pattern = line[1:].rpartition('/ 4$1')[0]
            if re.search(pattern, reason, re.IGNORECASE):
                return True
    return False


def test_the_table_has_no_groups_that_posix_lacks() -> None:
    assert not any('(?' in each.content for each in tables(ALL, ()))


BY_RCPT, BY_FROM = '(in reply to RCPT TO command)', '(in reply to MAIL FROM command)'
BY_DATA = '(in reply to end of DATA command)'
HOST = 'host smtp.one.test[192.0.2.1]'
LOGIN = 'SASL authentication failed; server smtp.one.test[192.0.2.1] said:'
WAITS = (
    f'5.7.8 {LOGIN} 535 5.7.8 no',
    f'5.7.9 {LOGIN} 534-5.7.9 Application-specific password required',
    '5.4.4 Host or domain name not found. Name service error for name=smtp.one.test type=A',
    f'5.7.1 {HOST} said: 553 5.7.1 Sender address rejected: not owned by user {BY_RCPT}',
    f'5.0.0 {HOST} said: 550 Sender not allowed {BY_FROM}',
    f'5.7.0 {HOST} said: 530 5.7.0 Authentication required {BY_FROM}',
    f'5.7.1 {HOST} said: 554 5.7.1 Relay access denied {BY_RCPT}',
    f'5.0.0 {HOST} said: 554 Message rejected: Email address is not verified {BY_DATA}',
    f'5.7.60 {HOST} said: 550 5.7.60 Client does not have permissions to send as {BY_DATA}',
    f'5.7.1 {HOST} refused to talk to me: 554 5.7.1 no',
)
RETURNED = (
    '5.6.7 SMTPUTF8 is required, but was not offered by host smtp.one.test[192.0.2.1]',
    '5.1.0 Domain else.test does not accept mail (nullMX)',
    f'5.1.1 {HOST} said: 550 5.1.1 User unknown {BY_RCPT}',
    f'5.4.1 {HOST} said: 550 5.4.1 Recipient address rejected: Access denied {BY_RCPT}',
    f'5.3.4 {HOST} said: 552 5.3.4 Message size exceeds fixed limit {BY_FROM}',
    f'5.7.1 {HOST} said: 554 5.7.1 Spam message rejected {BY_DATA}',
    f'5.0.0 {HOST} said: 550 no such mailbox {BY_RCPT}',
    f'5.7.1 host mx.else.test[192.0.2.9] said: 550 5.7.1 smtp.one.test says no {BY_FROM}',
    '4.7.8 SASL authentication failed',
)


@pytest.mark.parametrize('reason', WAITS)
def test_a_refusal_about_our_settings_makes_mail_wait(reason: str) -> None:
    assert waits(reason)


@pytest.mark.parametrize('reason', RETURNED)
def test_any_other_refusal_is_returned_at_once(reason: str) -> None:
    assert not waits(reason)


def test_a_password_is_known_to_one_relay_and_its_backups_alone() -> None:
    for service in services(ALL, 'socketmap:x'):
        options = dict(service.options)
        name = service.name.rpartition('-')[2]
        assert options['smtp_sasl_password_maps'] == (
            f'texthash:/var/lib/freedombox-email/relays/{name}.login'
        )
        assert 'smtp_sender_dependent_authentication' not in options


def test_backups_use_the_same_kind_of_encryption() -> None:
    found = {each.name: dict(each.options)['smtp_fallback_relay'] for each in services(ALL, 'x')}
    assert found == {
        'freedombox-relay-one': '[smtp.two.test]:2525',
        'freedombox-relay-two': '',
        'freedombox-relay-home': '',
        'freedombox-direct-one': '[smtp.one.test]:587,[smtp.two.test]:2525',
        'freedombox-direct-two': '[smtp.two.test]:2525',
    }


def test_of_two_relays_at_one_place_the_strict_one_counts() -> None:
    lax = Relay('lax', 'smtp.one.test', verify=False)
    for relays in ((ONE, lax), (lax, ONE)):
        text = next(each.content for each in tables(Routing(relays), ()) if 'tls' in each.path)
        assert text.splitlines()[1:] == ['[smtp.one.test]:587 secure match=smtp.one.test']


def test_a_way_whose_relay_is_gone_is_the_direct_one() -> None:
    assert transport(Route('relay', 'gone'), ALL.by_name) == 'smtp:'
    assert transport(Route('fallback', 'home'), ALL.by_name) == 'smtp:'


def test_a_box_that_never_had_a_relay_keeps_its_own_settings() -> None:
    assert keys(Routing()) == {}
    assert tables(Routing(), ()) == ()
    assert len(absent_files(Routing())) == 4
    former = Routing(former=('freedombox-relay-one', 'freedombox-direct-one'))
    assert set(keys(former).values()) == {None}
    assert absent(former) == (('freedombox-direct-one', 'unix'), ('freedombox-relay-one', 'unix'))


def test_mail_for_a_domain_of_ours_never_leaves() -> None:
    rules = (RouteRule('own.test', 'relay:one'), RouteRule('else.test', 'relay:one'))
    found = tables(Routing((ONE, TWO, HOME), rules), ('own.test',))
    text = next(each.content for each in found if 'places' in each.path)
    assert text.splitlines()[1:] == ['else.test freedombox-relay-one:[smtp.one.test]:587']
