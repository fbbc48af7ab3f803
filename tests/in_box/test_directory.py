# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail directory in the slapd of a running FreedomBox; run as root inside one."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.directory import apppassword, server
from plinth.modules.email.directory import connection as ldap
from plinth.modules.email.directory.alias import ROLES, Alias
from plinth.modules.email.directory.domain import USER_ALIASES, Domain
from plinth.modules.email.directory.entry import now
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.names import entry_dn
from plinth.modules.email.directory.password import hash_password
from plinth.modules.email.directory.person import of_user
from plinth.modules.email.directory.store import Store
from plinth.modules.email.directory.suffix import BASE_DN
from plinth.modules.email.directory.verbs import aliases, domains, mailboxes
from plinth.modules.email.directory.verbs.reconcile import is_due, look, plan_for, reconcile
from plinth.modules.email.errors import MailError

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not Path('/run/slapd/ldapi').exists(),
    reason='needs root on a FreedomBox',
)

DOMAIN = 'directory-test.example'
ADDRESS = f'shop@{DOMAIN}'
PASSWORD = 'correct horse battery'
ANYBODY = ('nobody', 'www-data', 'daemon')
READERS = tuple(name for name in server.READERS if server.reader_names([name]))
EVERYTHING = '(|(objectClass=*)(fbxMailAddress=*)(fbxMailOrigin=admin)(userPassword=*))'


def run(*command: Any, **options: Any) -> Any:
    check = options.pop('check', True)
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=check, **options
    )


def search(
    *options: Any, user: Any = 'root', base: Any = 'dc=thisbox', condition: Any = EVERYTHING
) -> Any:
    """Search with OpenLDAP's own tool as a user of the system."""
    command = ['runuser', '-u', user, '--', 'ldapsearch', '-LLL', '-o', 'ldif_wrap=no']
    return run(*command, *options, '-b', base, condition, check=False).stdout


def add_alias(store: Any, address: Any, destinations: Any) -> Any:
    return aliases.add(store, aliases.make_alias(address, destinations))


def as_user(user: Any, code: Any) -> Any:
    """Run Python code as a user of the system."""
    return run('runuser', '-u', user, '--', 'python3', '-c', code, check=False)


@pytest.fixture(scope='module', autouse=True)
def fixture_directory() -> Any:
    server.set_up(server.SCHEMA_PATH.read_text())
    with Store() as store:
        primary = store.settings()
        domains.add_domain(store, DOMAIN)
        mailboxes.add(store, ADDRESS, password_hash=hash_password(PASSWORD))
        add_alias(store, f'info@{DOMAIN}', [ADDRESS, 'x@outside.example'])
    yield
    with Store() as store:
        domains.remove_domain(store, DOMAIN, force=True)
        store.change_settings(store.settings(), primary)


@pytest.fixture(name='store')
def fixture_store() -> Any:
    with Store() as store:
        yield store


EXTERNAL = ('-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///')
ANONYMOUS = (('-x', '-H', 'ldap://127.0.0.1'), ('-x', '-H', 'ldapi:///'))


@pytest.mark.parametrize('options', ANONYMOUS)
@pytest.mark.parametrize('base', ['dc=thisbox', BASE_DN, entry_dn(Mailbox, ADDRESS)])
def test_anonymous_sees_nothing(options: Any, base: Any) -> None:
    assert 'mail' not in search(*options, base=base).lower().replace('e-mail', '')


@pytest.mark.parametrize('user', ANYBODY)
def test_other_users_of_the_system_see_nothing(user: Any) -> None:
    found = search(*EXTERNAL, user=user)
    assert 'dn: uid=' in found
    assert 'ou=mail' not in found
    assert search(*EXTERNAL, user=user, base=BASE_DN) == ''


@pytest.mark.parametrize('user', READERS)
def test_readers_read_but_never_a_password(user: Any) -> None:
    found = search(*EXTERNAL, user=user, base=BASE_DN)
    assert f'fbxMailAddress: {ADDRESS}' in found
    assert 'userPassword' not in found
    attempts = ('(userPassword=*)', '(userPassword={ARGON2}*)')
    for condition in attempts:
        assert search(*EXTERNAL, user=user, base=BASE_DN, condition=condition) == ''


@pytest.mark.parametrize('user', [*READERS, *ANYBODY])
def test_only_root_writes(user: Any) -> None:
    done = as_user(
        user,
        'from plinth.modules.email.directory.store import Store\n'
        'from plinth.modules.email.directory.domain import Domain\n'
        'with Store() as store:\n'
        '    try: store.add(Domain("evil.example"))\n'
        '    except Exception as error: print(error.code)\n'
        '    try: store.remove(Domain, "directory-test.example")\n'
        '    except Exception as error: print(error.code)\n',
    )
    assert set(done.stdout.split()) <= {'directory-refused', 'entry-missing', 'domain-missing'}
    assert len(done.stdout.split()) == 2, done.stderr
    with Store() as store:
        assert store.find(Domain, DOMAIN)
        assert not store.find(Domain, 'evil.example')


def bind(password: Any, *command: Any) -> Any:
    """Do something over plain LDAP, logged in as the stand-alone mailbox."""
    login = ['-x', '-H', 'ldap://127.0.0.1', '-D', entry_dn(Mailbox, ADDRESS), '-w', password]
    return run(command[0], *login, *command[1:], check=False)


def test_the_password_opens_the_entry_and_no_other_does() -> None:
    assert bind(PASSWORD, 'ldapwhoami').stdout.strip() == f'dn:{entry_dn(Mailbox, ADDRESS)}'
    assert bind(PASSWORD + 'x', 'ldapwhoami').returncode == 49
    assert bind(PASSWORD.upper(), 'ldapwhoami').returncode == 49


def test_a_mailbox_logged_in_sees_and_changes_nothing() -> None:
    assert 'ou=mail' not in bind(PASSWORD, 'ldapsearch', '-LLL', '-b', 'dc=thisbox').stdout
    assert bind(PASSWORD, 'ldappasswd', '-s', 'something else').returncode != 0
    assert bind(PASSWORD, 'ldapwhoami').returncode == 0


def test_password_is_hashed_with_argon2id() -> None:
    found = search(*EXTERNAL, '-o', 'ldif_wrap=no', base=entry_dn(Mailbox, ADDRESS))
    line = next(line for line in found.splitlines() if line.startswith('userPassword:: '))
    decoded = run('base64', '-d', input=line.partition(':: ')[2]).stdout
    assert decoded.startswith('{ARGON2}$argon2id$v=19$m=')
    assert PASSWORD not in decoded


def test_compare_tells_nothing() -> None:
    for options in ANONYMOUS:
        done = run(
            'ldapcompare', *options, entry_dn(Mailbox, ADDRESS), 'fbxMailEnabled:TRUE', check=False
        )
        assert 'TRUE' not in done.stdout


def config() -> Any:
    return run('slapcat', '-n', '0').stdout


def test_setup_again_writes_nothing() -> None:
    before = config(), run('slapcat', '-n', '1', '-s', BASE_DN).stdout
    server.set_up(server.SCHEMA_PATH.read_text())
    assert (config(), run('slapcat', '-n', '1', '-s', BASE_DN).stdout) == before


def test_rule_is_written_again_when_numbers_change() -> None:
    connection = ldap.connect()
    with_old_numbers = server.ServerConfig(connection)
    with_old_numbers.set_database(
        ['gidNumber=64000+uidNumber=64000,cn=peercred,cn=external,cn=auth']
    )
    assert search(*EXTERNAL, user='plinth', base=BASE_DN) == ''
    server.set_up(server.SCHEMA_PATH.read_text())
    assert 'uidNumber=64000' not in config()
    assert ADDRESS in search(*EXTERNAL, user='plinth', base=BASE_DN)
    ldap.disconnect(connection)


def test_last_logins_are_for_readers_alone() -> None:
    who = ('-x', '-H', 'ldap://127.0.0.1', '-D', 'uid=alice,ou=users,dc=thisbox')
    run('ldapwhoami', *who, '-w', 'alice-lab-password')
    users, logins = 'ou=users,dc=thisbox', '(pwdLastSuccess=*)'
    for user, sees in (('root', True), ('plinth', True), ('nobody', False), ('www-data', False)):
        found = search(*EXTERNAL, user=user, base=users, condition=logins)
        assert ('uid=alice' in found) == sees, user
    assert 'uid=alice' in search(*EXTERNAL, user='nobody', base=users)


def test_what_no_one_needs_without_us_is_taken_back_and_set_up_again() -> None:
    before = config()
    wanted_here = ('fbxMailAddress eq', 'olcLastBind', 'size=unlimited')
    assert [word for word in wanted_here if word not in before] == []
    started = run('systemctl', 'show', '--value', '-p', 'MainPID', 'slapd').stdout
    server.take_back()
    server.take_back()
    after = config()
    assert [word for word in wanted_here if word in after] == []
    assert run('systemctl', 'show', '--value', '-p', 'MainPID', 'slapd').stdout == started
    assert run('slaptest', '-F', '/etc/ldap/slapd.d').returncode == 0
    assert search(*EXTERNAL, user='nobody', base=BASE_DN) == '', 'the addresses are hidden no more'
    server.set_up(server.SCHEMA_PATH.read_text())
    assert ADDRESS in search(*EXTERNAL, user='plinth', base=BASE_DN)
    with Store() as store:
        assert store.page(Mailbox, 'shop', {}, 0, 5).total == 1


def test_schema_grows_in_place() -> None:
    definitions = server.read_schema(server.SCHEMA_PATH.read_text())
    more = "( fbxMailAttributes:9999 NAME 'fbxMailTest' SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )"
    older = definitions | {'olcAttributeTypes': [*definitions['olcAttributeTypes'], more]}
    connection = ldap.connect()
    config_ = server.ServerConfig(connection)
    for wanted in (older, definitions):
        config_.set_schema(wanted)
        assert ('fbxMailTest' in config()) == (wanted is older)
        assert run('slaptest', '-F', '/etc/ldap/slapd.d').returncode == 0
    ldap.disconnect(connection)


def test_freedombox_own_rules_stay() -> None:
    found = search('-x', '-H', 'ldap://127.0.0.1', base='ou=users,dc=thisbox')
    assert 'uid: ' in found
    assert 'userPassword' not in found


def test_entries_come_back_as_they_were_stored(store: Any) -> None:
    entry = Alias(f'jörg@{DOMAIN}', ('ünï@outside.example',), note='Grüße 用户', owner='bob')
    store.add(entry)
    assert store.get(Alias, f'JÖRG@{DOMAIN.upper()}') == entry
    changed = replace(entry, note='', enabled=False)
    store.change(entry, changed)
    assert store.get(Alias, entry.address) == changed
    store.remove(Alias, entry.address)
    assert store.find(Alias, entry.address) is None


def test_every_character_an_own_address_may_have_works(store: Any) -> None:
    address = f"a#&'-=?^_~.b@{DOMAIN}"
    store.add(Alias(address, (ADDRESS,)))
    assert store.get(Alias, address).address == address
    assert [alias.address for alias in store.search(Alias, "#&'-=?^_~")] == [address]
    store.remove(Alias, address)


def test_the_second_of_two_people_is_told(store: Any) -> None:
    seen = store.get(Alias, f'info@{DOMAIN}')
    with Store() as other:
        other.change(seen, replace(seen, note='first'))
    with pytest.raises(MailError) as caught:
        store.change(replace(seen, note='zero'), replace(seen, note='second'))
    assert caught.value.code == 'entry-changed'
    assert store.get(Alias, seen.address).note == 'first'


@pytest.mark.parametrize(
    'text',
    [
        '*',
        ')(uid=*',
        '*)(objectClass=*',
        '\\',
        '\\2a',
        '&',
        '|',
        '(',
        ')',
        '\x00',
        'a\nb',
        '\u202e',
    ],
)
def test_filter_characters_in_a_search_are_only_text(store: Any, text: Any) -> None:
    assert store.search(Mailbox, text) == ()
    found = store.page(Alias, text).entries
    assert all(text in alias.address for alias in found), 'a catch-all has a star of its own'
    assert store.search(Mailbox, where={'owner': text}) == ()


@pytest.mark.parametrize(
    'text',
    [f'*@{DOMAIN}', f'a,ou=mail@{DOMAIN}', f'a)(uid=*@{DOMAIN}', f'a\x00@{DOMAIN}', 'a@*', ''],
)
def test_nothing_is_injected_through_an_address(store: Any, text: Any) -> None:
    for call in (aliases.remove, mailboxes.remove, mailboxes.set_password):
        with pytest.raises(MailError) as caught:
            call(store, text, *(['{ARGON2}x'] if call is mailboxes.set_password else []))
        assert caught.value.code in ('address-invalid', 'domain-invalid', 'alias-missing')


def test_pages_are_cut_out_by_the_server(store: Any) -> None:
    names = [f'page{number:03}@{DOMAIN}' for number in range(30)]
    for name in reversed(names):
        store.add(Alias(name, (ADDRESS,)))
    first = store.page(Alias, 'page', limit=10)
    assert [alias.address for alias in first.entries] == names[:10]
    assert first.total == 30
    later = store.page(Alias, 'page', offset=25, limit=10)
    assert [alias.address for alias in later.entries] == names[25:]
    assert store.page(Alias, 'page', offset=9999).entries[0].address == names[-1]
    assert store.page(Alias, 'nowhere to be found') == store.page(Alias, 'nowhere', offset=5)
    for name in names:
        store.remove(Alias, name)


def test_a_reader_may_see_more_than_500_entries(store: Any) -> None:
    names = [f'many{number:03}@{DOMAIN}' for number in range(520)]
    for name in names:
        store.add(Alias(name, (ADDRESS,)))
    done = as_user(
        'plinth',
        'from plinth.modules.email.directory.store import Store\n'
        'from plinth.modules.email.directory.alias import Alias\n'
        'with Store() as store:\n'
        '    print(len(store.search(Alias, "many")), store.page(Alias, "many").total)',
    )
    assert done.stdout.split() == ['520', '520'], done.stderr
    for name in names:
        store.remove(Alias, name)


def test_international_domain_has_both_names(store: Any) -> None:
    domains.add_domain(store, 'bücher-test.example')
    raw = search(*EXTERNAL, base=BASE_DN, condition='(fbxMailDomainUnicode=bücher-test.example)')
    assert 'fbxMailDomainName: xn--bcher-test-9db.example' in raw
    domains.remove_domain(store, 'bücher-test.example')


def test_domain_in_use_stays(store: Any) -> None:
    with pytest.raises(MailError, match='mailboxes 1, aliases 1') as caught:
        domains.remove_domain(store, DOMAIN)
    assert caught.value.code == 'domain-in-use'


def test_domains_follow_freedombox(store: Any) -> None:
    others = [domain.name for domain in store.search(Domain) if domain.origin == 'freedombox']
    name = 'sync-test.example'
    refused = domains.sync_domains(store, [*others, name, 'not a domain'])
    assert list(refused) == ['not a domain']
    assert store.get(Domain, name) == Domain(name, origin='freedombox', user_aliases=USER_ALIASES)
    domains.sync_domains(store, others)
    gone = store.get(Domain, name)
    assert (gone.enabled, gone.gone is None) == (False, False)
    domains.sync_domains(store, [*others, name])
    assert store.get(Domain, name) == Domain(name, origin='freedombox', user_aliases=USER_ALIASES)
    domains.sync_domains(store, others)
    domains.remove_domain(store, name, force=True)


def test_domains_that_shared_addresses_of_a_gone_one_go_on(store: Any) -> None:
    others = [domain.name for domain in store.search(Domain) if domain.origin == 'freedombox']
    names = ['gone-test.example', 'heir-test.example', 'third-test.example']
    domains.sync_domains(store, [*others, *names])
    for name in names[1:]:
        before = store.get(Domain, name)
        store.change(before, replace(before, alias_of=names[0]))
    domains.sync_domains(store, [*others, *names[1:]])
    assert store.get(Domain, names[0]).gone
    assert store.get(Domain, names[1]).alias_of == ''
    assert store.get(Domain, names[2]).alias_of == names[1]
    for name in names:
        domains.sync_domains(store, others)
        if store.find(Domain, name):
            domains.remove_domain(store, name, force=True)


def ldapscript(*command: Any) -> None:
    """Change FreedomBox's users the way FreedomBox does."""
    settings = '/etc/ldapscripts/freedombox-ldapscripts.conf'
    run(*command, env=dict(os.environ, LDAPSCRIPTS_CONF=settings))


def keys(store: Any) -> Any:
    return [each.key_id for each in apppassword.of_owner(store)]


def test_a_password_without_an_owner_is_revoked(store: Any, user: Any) -> None:
    reconcile(store)
    orphans = (
        apppassword.AppPassword('zz22', 'nobody@box.invalid', 'Phone', now()),
        apppassword.AppPassword('zz23', 'tester@example.test', 'Phone', now()),
        apppassword.AppPassword('zz24', user, 'Phone', now(), 'another identity'),
    )
    for each in orphans:
        store.add_password(each, hash_password('a long password'))
    assert set(reconcile(store).removed) == {each.key_id for each in orphans}
    assert not set(orphans) & set(apppassword.of_owner(store))


@pytest.fixture(name='user')
def fixture_user(store: Any) -> Any:
    ldapscript('ldapadduser', 'dirtest', 'users')
    yield 'dirtest'
    for name in ('dirtest', 'dirtest2'):
        if name in {user.name for user in store.users()}:
            ldapscript('ldapdeleteuser', name)
    reconcile(store)
    for name in ('dirtest', 'dirtest2'):
        for mailbox in store.search(Mailbox, where={'owner': name}):
            store.remove(Mailbox, mailbox.address)
        for alias in store.search(Alias, where={'owner': name}):
            store.remove(Alias, alias.address)


def test_users_are_followed(store: Any, user: Any) -> None:
    primary = store.settings().primary_domain
    reconcile(store)
    mailbox = store.get(Mailbox, f'{user}@{primary}')
    assert (mailbox.owner, mailbox.login, mailbox.origin) == (user, user, 'freedombox')
    again = reconcile(store)
    assert (again.added, again.changed, again.removed) == ((), (), ())
    ldapscript('ldaprenameuser', user, 'dirtest2')
    reconcile(store)
    renamed = store.get(Mailbox, mailbox.address)
    assert (renamed.owner, renamed.login) == ('dirtest2', 'dirtest2')
    assert store.get(Alias, f'dirtest2@{primary}').destinations == (mailbox.address,)
    ldapscript('ldapdeleteuser', 'dirtest2')
    reconcile(store)
    gone = store.get(Mailbox, mailbox.address)
    assert (gone.enabled, gone.login, gone.gone is None) == (False, '', False)
    assert not store.get(Alias, f'dirtest2@{primary}').enabled


def test_what_else_is_of_a_user_follows(store: Any, user: Any) -> None:
    reconcile(store)
    key = apppassword.add(store, of_user(store, user), 'Phone')[0].key_id
    owner_id = store.user(user).id
    fair = f'fair@{DOMAIN}'
    aliases.add(store, aliases.make_alias(fair, [ADDRESS], owner=user, owner_id=owner_id))
    ldapscript('ldaprenameuser', user, 'dirtest2')
    reconcile(store)
    assert store.get(Alias, fair).owner == 'dirtest2'
    found = apppassword.of_owner(store, of_user(store, 'dirtest2'))
    assert [each.owner for each in found] == ['dirtest2']
    with pytest.raises(MailError) as caught:
        apppassword.remove(store, of_user(store, 'tester'), key)
    assert caught.value.code == 'password-missing'
    ldapscript('ldapdeleteuser', 'dirtest2')
    reconcile(store)
    assert key in keys(store), 'the same user may come back'
    gone = store.search(Mailbox, where={'owner': 'dirtest2'})[0]
    assert gone.gone
    assert not is_due(store, plan_for(look(store)))
    store.change(gone, replace(gone, gone=gone.gone - apppassword.GRACE))
    assert is_due(store, plan_for(look(store)))
    assert key in reconcile(store).removed
    assert key not in keys(store)
    left = store.get(Alias, fair)
    assert (left.owner, left.owner_id, left.enabled) == ('', '', True)
    aliases.remove(store, fair)


def test_roles_reach_the_operator(store: Any) -> None:
    reconcile(store)
    admin = next(name for name in store.admins() if not store.settings().operator)
    main = store.search(Mailbox, where={'login': admin})[0]
    for role in ROLES:
        assert store.get(Alias, f'{role}@{DOMAIN}').destinations == (main.address,)


def test_a_role_can_be_redirected_and_comes_back(store: Any) -> None:
    reconcile(store)
    address = f'abuse@{DOMAIN}'
    with pytest.raises(MailError) as caught:
        aliases.remove(store, address)
    assert caught.value.code == 'alias-in-use'
    add_alias(store, address, ['desk@outside.example'])
    reconcile(store)
    assert store.get(Alias, address).destinations == ('desk@outside.example',)
    aliases.remove(store, address)
    reconcile(store)
    assert store.get(Alias, address).origin == 'role'


def test_addresses_are_taken_once(store: Any) -> None:
    for call, code in (
        (lambda: mailboxes.add(store, f'INFO@{DOMAIN}', password_hash='x'), 'alias-exists'),
        (lambda: add_alias(store, ADDRESS, ['a@b.cc']), 'mailbox-exists'),
        (lambda: add_alias(store, 'a@nowhere.example', ['a@b.cc']), 'domain-missing'),
        (lambda: mailboxes.add(store, f'a@{DOMAIN}', 'no-such-user'), 'user-missing'),
        (lambda: mailboxes.add(store, f'a@{DOMAIN}'), 'owner-invalid'),
    ):
        with pytest.raises(MailError) as caught:
            call()
        assert caught.value.code == code


def test_a_stopped_directory_is_a_clear_error(store: Any) -> None:
    run('systemctl', 'stop', 'slapd')
    try:
        with pytest.raises(MailError) as caught:
            store.search(Domain)
        assert caught.value.code == 'directory-down'
        with pytest.raises(MailError) as caught, Store():
            pass
        assert caught.value.code == 'directory-down'
    finally:
        run('systemctl', 'start', 'slapd')
        run('systemctl', 'restart', 'nslcd')  # it would refuse the next logins
