# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links for passwords, own addresses, files of many entries; run as root inside a FreedomBox."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plinth.modules.email.authentication import device_passwords
from plinth.modules.email.directory import apppassword, resolve, server
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.entry import now
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.password import hash_password
from plinth.modules.email.directory.person import of_user
from plinth.modules.email.directory.store import Store
from plinth.modules.email.directory.verbs import aliases, domains, mailboxes, own
from plinth.modules.email.directory.verbs.reconcile import reconcile
from plinth.modules.email.errors import MailError
from plinth.modules.email.privileged import passwords, people
from plinth.modules.email.privileged.directory import directory_setup
from plinth.modules.email.sending import system_mail

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)

DOMAIN, OTHER = 'people-test.example', 'people-two.example'
DESK = f'desk@{DOMAIN}'
PASSWORD = 'correct horse battery'


def call(*arguments: Any, given: Any = '', code: Any = 0) -> Any:
    done = subprocess.run(
        ['freedombox-email', *arguments, '--json'],
        input=given, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope='module', autouse=True)
def fixture_domain() -> Any:
    directory_setup.__wrapped__()
    with Store() as store:
        settings = store.settings()
        domains.add_domain(store, DOMAIN)
        mailboxes.add(store, DESK, password_hash=hash_password(PASSWORD))
    yield
    with Store() as store:
        domains.remove_domain(store, DOMAIN, force=True)
        store.change_settings(store.settings(), settings)
    shutil.rmtree(f'/var/vmail/{DOMAIN}', ignore_errors=True)  # Dovecot indexes any mailbox


@pytest.fixture(name='store')
def fixture_store() -> Any:
    with Store() as store:
        yield store


def refused(code: Any, work: Any, *arguments: Any, **options: Any) -> None:
    with pytest.raises(MailError) as caught:
        work(*arguments, **options)
    assert caught.value.code == code


def test_a_link_gives_one_new_password_once(store: Any) -> None:
    first, _ = mailboxes.start_reset(store, DESK)
    secret, expires = mailboxes.start_reset(store, DESK, 1)
    assert now() + timedelta(minutes=59) < expires
    refused('reset-invalid', mailboxes.find_reset, store, first)
    assert mailboxes.find_reset(store, secret).address == DESK
    mailboxes.finish_reset(store, secret, hash_password(PASSWORD[::-1]))
    assert store.password_fits(DESK, PASSWORD[::-1])
    assert not store.password_fits(DESK, PASSWORD)
    refused('reset-invalid', mailboxes.finish_reset, store, secret, 'x')
    for text in ('', '*', secret + 'x', 'a\x00', 'x' * 10000):
        refused('reset-invalid', mailboxes.find_reset, store, text)


def test_an_old_link_is_void_and_its_secret_is_kept_nowhere(store: Any) -> None:
    secret, _ = mailboxes.start_reset(store, DESK)
    dump = subprocess.run(['slapcat', '-n', '1'], capture_output=True, text=True, check=True)
    assert secret not in dump.stdout
    assert 'fbxMailResetHash' in dump.stdout
    seen = subprocess.run(
        ['runuser', '-u', 'plinth', '--', 'ldapsearch', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///',
         '-b', 'ou=mail,dc=thisbox', '(fbxMailResetHash=*)'],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert DESK not in seen.stdout
    mailbox = store.get(Mailbox, DESK)
    store.change(mailbox, replace(mailbox, reset_expires=now() - timedelta(seconds=1)))
    refused('reset-invalid', mailboxes.find_reset, store, secret)
    mailboxes.set_password(store, DESK, hash_password(PASSWORD))
    assert store.get(Mailbox, DESK).reset_expires is None


def test_who_knows_the_password_may_change_it_and_no_one_learns_more(store: Any) -> None:
    new = 'another password'
    times: dict[str, list[float]] = {DESK: [], f'nobody@{DOMAIN}': []}
    for _round in range(10):
        for address, taken in times.items():
            begin = time.perf_counter()
            refused('login-invalid', mailboxes.change_password, store, address, 'a wrong one', new)
            taken.append(time.perf_counter() - begin)
    first, second = map(min, times.values())  # the rest of the machine only makes it longer
    assert abs(first - second) < 0.5 * max(first, second)
    for address in ('', 'x', 'alice', f'a)(uid=*@{DOMAIN}', 'a' * 10000):
        refused('login-invalid', mailboxes.change_password, store, address, PASSWORD, new)
    refused('login-invalid', mailboxes.change_password, store, DESK, '', new)
    mailboxes.change_password(store, DESK, PASSWORD, new)
    assert store.password_fits(DESK, 'another password')
    mailboxes.set_password(store, DESK, hash_password(PASSWORD))


@pytest.fixture(name='alice')
def fixture_alice(store: Any) -> Any:
    domain = store.get(Domain, DOMAIN)
    domains.change_domain(store, replace(domain, user_aliases=2, user_mailboxes=True))
    reconcile(store)
    person = of_user(store, 'alice')
    yield person
    for alias in own.aliases_of(store, person):
        assert alias.owner_id
        store.remove(Alias, alias.address)
    domain = store.get(Domain, DOMAIN)
    domains.change_domain(store, replace(domain, user_aliases=0, user_mailboxes=None))


def test_users_get_mailboxes_where_they_should(store: Any, alice: Any) -> None:
    found = store.get(Mailbox, f'{alice.name}@{DOMAIN}')
    assert (found.owner, found.login, found.origin) == (alice.name, '', 'freedombox')
    assert own.mailboxes_of(store, alice)[0].login == alice.name
    assert reconcile(store).added == ()


def test_a_user_makes_addresses_of_their_own_up_to_a_limit(store: Any, alice: Any) -> None:
    made = own.add_alias(store, alice, f'Hobby@{DOMAIN}', note='for fun')
    assert (made.owner, made.origin, made.note) == (alice.name, 'user', 'for fun')
    assert made.destinations == (own.mailboxes_of(store, alice)[0].address,)
    random = own.add_random_alias(store, alice, DOMAIN)
    assert random.domain == DOMAIN
    assert own.limits_of(store, alice)[DOMAIN] == (2, 2)
    refused('limit-reached', own.add_alias, store, alice, f'more@{DOMAIN}')
    refused('limit-reached', own.add_random_alias, store, alice, DOMAIN)
    refused('pattern-invalid', own.add_alias, store, alice, f'*@{DOMAIN}')
    refused('alias-exists', own.add_alias, store, alice, f'postmaster@{DOMAIN}')
    refused('mailbox-exists', own.add_alias, store, alice, DESK)
    bob, primary = of_user(store, 'bob'), store.get(Domain, store.settings().primary_domain)
    domains.change_domain(store, replace(primary, user_aliases=0))
    try:
        refused('limit-reached', own.add_alias, store, bob, f'a@{primary.name}')
    finally:
        changed = store.get(Domain, primary.name)
        domains.change_domain(store, replace(changed, user_aliases=primary.user_aliases))


def test_what_is_of_another_does_not_exist(store: Any, alice: Any) -> None:
    made = own.add_alias(store, alice, f'mine@{DOMAIN}')
    for text in ('nobody', '\uff41lice', f'alice@{DOMAIN}'):
        refused('user-missing', of_user, store, text)
    for text in ('', '*', 'alice)(uid=*'):
        refused('user-invalid', of_user, store, text)
    # A new user has the name, too.
    for other in (of_user(store, 'bob'), replace(alice, id=of_user(store, 'bob').id)):
        refused('alias-missing', own.get_alias, store, other, made.address)
        mine = f'{alice.name}@{DOMAIN}'
        refused('mailbox-missing', own.set_forwards, store, other, mine, ['x@y.zz'])
        refused('mailbox-missing', own.get_mailbox, store, other, DESK)
    refused('alias-missing', own.get_alias, store, alice, f'abuse@{DOMAIN}')
    assert own.get_alias(store, alice, made.address) == made


@pytest.fixture(name='desk')
def fixture_desk(store: Any) -> Any:
    domain = store.get(Domain, DOMAIN)
    domains.change_domain(store, replace(domain, user_aliases=2))
    yield store.get(Mailbox, DESK)
    for alias in store.search(Alias, where={'origin': 'user'}):
        if alias.domain == DOMAIN:
            store.remove(Alias, alias.address)
    domains.change_domain(store, replace(store.get(Domain, DOMAIN), user_aliases=0))


def test_a_stand_alone_mailbox_makes_addresses_up_to_the_same_limit(store: Any, desk: Any) -> None:
    made = own.add_alias(store, desk, f'hobby-news@{DOMAIN}')
    assert (made.owner, made.owner_id, made.destinations) == (DESK, '', (DESK,))
    assert own.aliases_of(store, desk) == (made,)
    assert resolve.who_may_send(store, made.address) == (DESK,)
    own.add_random_alias(store, desk, DOMAIN)
    refused('limit-reached', own.add_random_alias, store, desk, DOMAIN)
    refused('address-reserved', own.add_alias, store, desk, f'support@{DOMAIN}')
    refused('mailbox-exists', own.add_alias, store, desk, f'alice@{DOMAIN}')
    reconcile(store)
    assert own.get_alias(store, desk, made.address) == made
    alice = of_user(store, 'alice')
    refused('alias-missing', own.get_alias, store, alice, made.address)
    refused('mailbox-missing', own.get_mailbox, store, alice, DESK)


def test_what_a_mailbox_made_ends_with_it(store: Any, desk: Any) -> None:
    alone, shared = f'alone@{DOMAIN}', f'shared@{DOMAIN}'
    own.add_alias(store, desk, alone)
    own.add_alias(store, desk, shared, [DESK, 'x@outside.test'])
    mailboxes.remove(store, DESK, force=True)
    assert store.find(Alias, alone) is None
    assert store.get(Alias, shared) == aliases.make_alias(shared, ['x@outside.test'])
    mailboxes.add(store, DESK, password_hash=hash_password(PASSWORD))
    assert own.aliases_of(store, store.get(Mailbox, DESK)) == ()


def test_a_session_ends_with_the_password_the_use_and_the_mailbox(store: Any) -> None:
    opened = people.mailbox_sign_in.__wrapped__(DESK.upper(), PASSWORD)
    holds = people.mailbox_signed_in.__wrapped__
    mark = opened['mark']
    assert holds(opened['address'], mark) == DESK
    for wrong in ('', 'x', mark[:-1], mark + 'x', '\udc80'):
        refused('session-invalid', holds, DESK, wrong)
    mailboxes.change(store, DESK, enabled=False)
    refused('session-invalid', holds, DESK, mark)
    refused('login-invalid', people.mailbox_sign_in.__wrapped__, DESK, PASSWORD)
    mailboxes.change(store, DESK, enabled=True)
    assert holds(DESK, mark) == DESK
    mailboxes.set_password(store, DESK, hash_password(PASSWORD))  # the same one, chosen again
    refused('session-invalid', holds, DESK, mark)
    for nobody in (f'nobody@{DOMAIN}', 'alice', '*', ''):
        refused('session-invalid', holds, nobody, mark)
        refused('login-invalid', people.mailbox_sign_in.__wrapped__, nobody, PASSWORD)


def test_an_app_password_needs_the_password_of_the_mailbox() -> None:
    make = passwords.own_app_password_add.__wrapped__
    refused('login-invalid', make, DESK, 'Phone', 'not this one', True)
    refused('user-missing', make, DESK, 'Phone', PASSWORD, False)


def test_an_old_look_changes_nothing(store: Any) -> None:
    made = aliases.add(store, aliases.make_alias(f'two@{DOMAIN}', [DESK]))
    seen = store.get(Alias, made.address).version
    aliases.edit(store, made.address, version=seen, note='first')
    for work in (
        lambda: aliases.edit(store, made.address, version=seen, enabled=False),
        lambda: aliases.remove(store, made.address, version=seen),
        lambda: mailboxes.change(store, DESK, note='x', version=seen),
        lambda: domains.remove_domain(store, DOMAIN, True, seen),
    ):
        refused('entry-changed', work)
    stale = replace(store.get(Alias, made.address), stamp=made.stamp)
    refused('entry-changed', store.change, stale, replace(stale, note='third'))
    assert store.get(Alias, made.address).note == 'first'
    aliases.remove(store, made.address)


def test_a_login_is_no_change_by_another_person(store: Any) -> None:
    mailbox = mailboxes.add(store, f'login@{DOMAIN}', password_hash=hash_password(PASSWORD))
    assert store.password_fits(mailbox.address, PASSWORD)
    seen = store.get(Mailbox, mailbox.address)
    assert seen.stamp != mailbox.stamp, 'the login was not noted'
    changed = mailboxes.change(store, mailbox.address, note='x', version=mailbox.version)
    assert changed.version != mailbox.version
    mailboxes.remove(store, mailbox.address, True)


def test_what_others_lead_to_goes_only_by_force(store: Any) -> None:
    inner = aliases.add(store, aliases.make_alias(f'inner@{DOMAIN}', [DESK]))
    outer = aliases.add(
        store, aliases.make_alias(f'outer@{DOMAIN}', [inner.address, 'x@outside.example'])
    )
    last = aliases.add(store, aliases.make_alias(f'last@{DOMAIN}', [inner.address]))
    refused('address-in-use', aliases.remove, store, inner.address)
    refused('address-in-use', mailboxes.remove, store, DESK)
    aliases.remove(store, inner.address, force=True)
    assert store.get(Alias, outer.address).destinations == ('x@outside.example',)
    assert store.find(Alias, last.address) is None
    aliases.remove(store, outer.address)


def test_what_stops_working_with_a_domain_is_said(store: Any) -> None:
    domains.add_domain(store, OTHER)
    aliases.add(store, aliases.make_alias(f'far@{OTHER}', [DESK]))
    losing = domains.loss(store, DOMAIN)
    assert DESK in losing.mailboxes
    assert losing.leading_here == (f'far@{OTHER}',)
    shown = call('domain', 'remove', DOMAIN, '--dry-run')['loss']
    assert shown['leading_here'] == [f'far@{OTHER}']
    shares = replace(store.get(Domain, OTHER), alias_of=DOMAIN)
    refused('domain-in-use', domains.change_domain, store, shares)
    aliases.remove(store, f'far@{OTHER}')
    reconcile(store)
    domains.change_domain(store, shares)
    domains.remove_domain(store, OTHER, force=True)


def test_a_site_is_made_true_and_then_is(store: Any, tmp_path: Any) -> None:
    hashed = hash_password('shop password')
    file = tmp_path / 'site.yaml'
    file.write_text(
        f'mailboxes:\n  - address: site@{DOMAIN}\n    password_hash: "{hashed}"\n'
        f'aliases:\n  - address: sales-*@{DOMAIN}\n    destinations: site@{DOMAIN}\n'
    )
    rehearsed = call('apply', str(file), '--dry-run')
    assert (rehearsed['added'], store.find(Mailbox, f'site@{DOMAIN}')) == (2, None)
    assert call('apply', str(file))['added'] == 2
    assert store.password_fits(f'site@{DOMAIN}', 'shop password')
    again = call('apply', str(file))
    assert (again['added'], again['changed'], again['changes']) == (0, 0, [])
    text = call('export')['yaml']
    assert f'sales-*@{DOMAIN}' in text
    assert hashed not in text
    (tmp_path / 'again.yaml').write_text(text)
    assert call('apply', str(tmp_path / 'again.yaml'))['changes'] == []
    mailboxes.remove(store, f'site@{DOMAIN}', force=True)


def test_a_table_with_a_wrong_line_changes_nothing(store: Any, tmp_path: Any) -> None:
    file = tmp_path / 'aliases.csv'
    file.write_text(
        f'address,destinations\nfine@{DOMAIN},{DESK}\nb ad@{DOMAIN},{DESK}\nx@no.example,{DESK}\n'
    )
    error = call('import', str(file), code=5)['error']
    assert error['code'] == 'site-invalid'
    assert [line.partition(':')[0] for line in error['detail'].splitlines()] == ['line 3', 'line 4']
    assert store.find(Alias, f'fine@{DOMAIN}') is None


def add_both(store: Any, *addresses: Any) -> None:
    with store.transaction():
        for address in addresses:
            store.add(Alias(f'{address}@{DOMAIN}', (DESK,)))


def test_a_transaction_that_fails_changes_nothing(store: Any) -> None:
    reconcile(store)
    for addresses in (('first', 'abuse'), ('first', 'no address')):
        with pytest.raises(MailError):
            add_both(store, *addresses)
        assert store.find(Alias, f'first@{DOMAIN}') is None
    add_both(store, 'first', 'second')
    for address in ('first', 'second'):
        store.remove(Alias, f'{address}@{DOMAIN}')


@pytest.mark.long
def test_ten_thousand_aliases(store: Any, tmp_path: Any) -> None:
    """Count on the list and the search in the directory server, with room for a busy machine."""
    file = tmp_path / 'many.csv'
    lines = [f'mass{number:05}@{DOMAIN},{DESK},note {number}' for number in range(10_000)]
    file.write_text('\n'.join(['address,destinations,note', *lines]))
    begin = time.monotonic()
    assert call('import', str(file))['added'] == 10_000
    assert time.monotonic() - begin < 60
    try:
        assert store.page(Alias, 'mass', limit=25).total == 10_000
        assert store.page(Alias, 'mass0999', limit=25).total == 10
        found = call('resolve', f'mass05000@{DOMAIN}')['path']
        assert (found['mailboxes'], found['agrees']) == ([DESK], True)
    finally:
        with store.transaction():
            for alias in store.search(Alias, 'mass'):
                store.remove(Alias, alias.address)


def test_mail_of_a_removed_mailbox_is_kept_until_someone_deletes_it() -> None:
    address = f'gone@{DOMAIN}'
    folder = server.Path(f'/var/vmail/{DOMAIN}/gone/Maildir/cur')
    call('mailbox', 'add', address, given=PASSWORD)
    folder.mkdir(parents=True)
    (folder / '1:2,S').write_text('Subject: x\n\n')
    call('mailbox', 'remove', address)
    assert not folder.exists(), 'kept mail lies where the next owner of the address would have it'
    kept = [each for each in call('mailbox', 'kept')['kept'] if each['address'] == address]
    assert [(each['messages'], each['bytes']) for each in kept] == [(1, 12)]
    assert kept[0]['since'][:10] == now().isoformat()[:10]
    call('mailbox', 'add', address, given=PASSWORD)
    assert not folder.exists(), 'a new mailbox has the mail of an earlier one'
    call('mailbox', 'remove', address)
    call('mailbox', 'add', address, '--take-over-mail', given=PASSWORD)
    assert (folder / '1:2,S').exists()
    assert call('mailbox', 'delete-mail', address, code=4)['error']['code'] == 'mail-in-use'
    call('mailbox', 'remove', address)
    call('mailbox', 'delete-mail', address)
    call('mailbox', 'delete-mail', address, code=3)
    assert not list(folder.parents[2].glob('*gone*'))


def test_the_maker_of_an_app_password_learns_whether_its_owner_was_told(
    store: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = store.get(Mailbox, DESK)
    made = [device_passwords.make(store, desk, 'Phone')]
    monkeypatch.setattr(system_mail, 'SENDMAIL', '/bin/false')
    made.append(device_passwords.make(store, desk, 'Phone'))
    assert [each.told for each in made] == [True, False]
    for each in made:
        apppassword.remove(store, None, each.entry.key_id)
