# SPDX-License-Identifier: AGPL-3.0-or-later
"""Verbs are one act each: nothing races them, and half of one never stays. Run as root in a box."""

import multiprocessing
import os
import signal
import subprocess
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.directory import acts, apppassword, connection, server
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.apppassword import AppPassword
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.names import ANCHOR, branch_dn
from plinth.modules.email.directory.person import of_user
from plinth.modules.email.directory.store import Store
from plinth.modules.email.directory.verbs import aliases, domains, mailboxes, own
from plinth.modules.email.errors import MailError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason='needs root on a FreedomBox')

DOMAIN = 'acts-test.example'
DESK, INFO = f'desk@{DOMAIN}', f'info@{DOMAIN}'
HASH = '{ARGON2}x'
_fork = multiprocessing.get_context('fork')


def forget(store: Any) -> None:
    if store.find(Domain, DOMAIN):
        domains.remove_domain(store, DOMAIN, force=True)


@pytest.fixture(name='store')
def fixture_store() -> Any:
    server.set_up(server.SCHEMA_PATH.read_text(encoding='utf-8'))
    with Store() as store:
        settings = store.settings()
        forget(store)
        domains.add_domain(store, DOMAIN)
        mailboxes.add(store, DESK, password_hash=HASH)
        aliases.add(store, aliases.make_alias(INFO, [DESK]))
        yield store
        forget(store)
        store.change_settings(store.settings(), settings)


def in_process(work: Any) -> Any:
    """Start something in a process of its own, with a connection of its own."""
    process = _fork.Process(target=work)
    process.start()
    return process


def test_two_at_once_cannot_both_have_the_last_address(store: Any, monkeypatch: Any) -> None:
    domain = store.get(Domain, DOMAIN)
    domains.change_domain(store, replace(domain, user_aliases=1))
    both_looked, check = _fork.Barrier(2), aliases._check_limit

    def check_and_wait(*arguments: Any) -> None:
        check(*arguments)
        # Broken when the other one cannot look before this one has written.
        with suppress(threading.BrokenBarrierError):
            both_looked.wait(1)

    monkeypatch.setattr(aliases, '_check_limit', check_and_wait)

    def add(name: str) -> None:
        with Store() as mine:
            own.add_alias(mine, of_user(mine, 'alice'), f'{name}@{DOMAIN}')

    started = [in_process(lambda name=name: add(name)) for name in ('first', 'second')]
    for process in started:
        process.join(30)
    made = [
        alias.address
        for alias in own.aliases_of(store, of_user(store, 'alice'))
        if alias.domain == DOMAIN
    ]
    assert len(made) == 1, f'a limit of one address let {made} be made at once'
    assert sorted(process.exitcode for process in started) == [0, 1]


def test_a_verb_that_is_killed_leaves_nothing(store: Any, monkeypatch: Any) -> None:
    before = domains.loss(store, DOMAIN)

    def die(*_arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(domains, 'cut_off_domain', die)

    def remove() -> None:
        with Store() as mine:
            domains.remove_domain(mine, DOMAIN, force=True)

    process = in_process(remove)
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert domains.loss(store, DOMAIN) == before, 'half of a removal has stayed'
    monkeypatch.undo()
    domains.remove_domain(store, DOMAIN, force=True)  # the lock of the dead is free
    assert store.find(Domain, DOMAIN) is None


def test_a_verb_that_fails_leaves_nothing(store: Any, monkeypatch: Any) -> None:
    apppassword.add(store, store.get(Mailbox, DESK), 'Phone')

    def fail(*_arguments: Any) -> None:
        raise MailError('test', 'It failed.')

    monkeypatch.setattr(mailboxes, 'cut_off', fail)
    with pytest.raises(MailError, match='test'):
        mailboxes.remove(store, DESK, force=True)
    assert store.find(Mailbox, DESK), 'a mailbox is gone although its removal failed'
    assert len(apppassword.of_owner(store, store.get(Mailbox, DESK))) == 1


def test_an_act_sees_what_it_wrote_and_others_do_not(store: Any) -> None:
    new, settings = f'new@{DOMAIN}', store.settings()
    with Store() as other, store.exclusive(), store.transaction():
        store.add(Alias(new, (DESK,)))
        seen = store.get(Alias, new)
        store.change(seen, replace(seen, note='twice'))
        store.remove(Alias, INFO)
        store.change_settings(settings, replace(settings, operator='alice'))
        assert store.get(Alias, new).note == 'twice'
        assert list(store.find_many(Alias, [new, INFO])) == [new]
        assert INFO not in [alias.address for alias in store.search(Alias)]
        assert store.settings().operator == 'alice'
        assert other.find(Alias, new) is None
        assert other.find(Alias, INFO)
        assert other.settings() == settings
    assert store.get(Alias, new).note == 'twice'
    assert store.find(Alias, INFO) is None
    store.change_settings(store.settings(), settings)


def test_what_was_seen_outside_is_still_asserted_inside(store: Any) -> None:
    seen = store.get(Alias, INFO)
    aliases.edit(store, INFO, note='meanwhile')

    @acts.act
    def write(store: Any) -> None:
        store.add(Alias(f'new@{DOMAIN}', (DESK,)))
        store.change(seen, replace(seen, enabled=False))

    with pytest.raises(MailError) as caught:
        write(store)
    assert caught.value.code == 'entry-changed'
    assert store.find(Alias, f'new@{DOMAIN}') is None
    assert store.get(Alias, INFO).enabled


def refused(store: Any, work: Any) -> None:
    """Do something in an act that fails afterwards."""

    @acts.act
    def write(_store: Any) -> None:
        work()
        raise MailError('test', 'It failed.')

    with pytest.raises(MailError, match='test'):
        write(store)


def test_both_entries_of_an_app_password_come_and_go_together(store: Any) -> None:
    refused(store, lambda: apppassword.add(store, store.get(Mailbox, DESK), 'Phone'))
    assert apppassword.of_owner(store, store.get(Mailbox, DESK)) == ()
    key = apppassword.add(store, store.get(Mailbox, DESK), 'Phone')[0].key_id
    refused(store, lambda: store.remove_password(AppPassword, key))
    assert len(apppassword.of_owner(store, store.get(Mailbox, DESK))) == 1
    apppassword.remove(store, store.get(Mailbox, DESK), key)
    dump = subprocess.run(['slapcat', '-n', '1'], capture_output=True, text=True, check=True)
    assert f'fbxMailKeyId={key}' not in dump.stdout


def test_the_last_entry_of_a_branch_can_go(store: Any) -> None:
    """As slapd fails to remove the last entry below another in a transaction."""
    anchor = f'ou={ANCHOR},{branch_dn(Alias)}'
    external = ('-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///')
    subprocess.run(['ldapdelete', *external, anchor], check=True)
    with store.transaction():
        store.remove(Alias, INFO)
    found = ['ldapsearch', *external, '-LLL', '-b', anchor, '-s', 'base', 'ou']
    shown = subprocess.run(found, capture_output=True, text=True, check=True).stdout
    assert f'ou: {ANCHOR}' in shown
    assert ANCHOR not in [alias.address for alias in store.search(Alias)]


def test_a_writer_waits_for_a_time_and_says_so_then(store: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(acts, 'LOCK_SECONDS', 0.1)
    with acts.locked(), pytest.raises(MailError) as caught:
        aliases.edit(store, INFO, note='x')
    assert caught.value.code == 'directory-busy'
    aliases.edit(store, INFO, note='x')


def test_no_one_but_root_holds_writers_up() -> None:
    code = (
        'from plinth.modules.email.directory.acts import locked\n'
        'try:\n with locked(): print("locked")\n'
        'except Exception as error: print(error.code)\n'
    )
    command = ['runuser', '-u', 'plinth', '--', 'python3', '-c', code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ['directory-refused'], done.stderr


def main_process() -> int:
    """The number of slapd's process."""
    show = ('systemctl', 'show', '--property=MainPID', '--value', 'slapd')
    return int(subprocess.run(show, check=True, capture_output=True).stdout)


def test_only_root_sees_the_work_of_slapd(store: Any) -> None:
    del store
    search = 'ldapsearch -Q -LLL -Y EXTERNAL -H ldapi:/// -b cn=Connections,cn=Monitor -s one dn'
    for user, sees in (('root', True), ('plinth', False), ('nobody', False)):
        asked = subprocess.run(
            ('runuser', '-u', user, '--', *search.split()), check=False, capture_output=True
        )
        assert (b'cn=Connection ' in asked.stdout) is sees, f'{user}: {asked}'


def test_the_end_waits_while_slapd_works(store: Any, monkeypatch: Any) -> None:
    connection.settle(store._connection)
    itself = connection._STILL_WORKING.replace('>=2', '>=1')
    monkeypatch.setattr(connection, '_STILL_WORKING', itself)
    monkeypatch.setattr(connection, '_SETTLE_SECONDS', 0.1)
    with Store() as mine, pytest.raises(MailError) as caught, mine.transaction():
        mine.remove(Alias, INFO)
    assert caught.value.code == 'directory-busy'
    assert store.find(Alias, INFO), 'a transaction that did not end has changed something'


@pytest.mark.long
def test_slapd_outlives_small_transactions_on_one_processor(store: Any) -> None:
    before, processors = main_process(), os.sched_getaffinity(0)
    threads = [int(task.name) for task in Path(f'/proc/{before}/task').iterdir()]
    try:
        for thread in (0, *threads):
            os.sched_setaffinity(thread, {min(processors)})
        for _ in range(1500):
            with store.transaction():
                store.add(Alias(f'often@{DOMAIN}', (DESK,)))
            with store.transaction():
                store.remove(Alias, f'often@{DOMAIN}')
    finally:
        for thread in (0, *threads):
            with suppress(ProcessLookupError):
                os.sched_setaffinity(thread, processors)
    assert main_process() == before, 'slapd has crashed'
