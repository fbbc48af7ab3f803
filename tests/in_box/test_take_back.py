# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs behind undo take back only what is as this person left it. Run as root in a box."""

import os
from typing import Any

import pytest

from plinth.modules.email import privileged
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.person import of_user
from plinth.modules.email.directory.store import Store
from plinth.modules.email.directory.verbs import aliases, domains, mailboxes, own
from plinth.modules.email.errors import MailError

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason='needs root on a FreedomBox')

DOMAIN = 'back-test.example'
DESK, INFO = f'desk@{DOMAIN}', f'info@{DOMAIN}'


def root(verb: str, *arguments: Any, **options: Any) -> Any:
    """Run a root action as root does."""
    return getattr(privileged, verb).__wrapped__(*arguments, **options)


def refused(code: str, verb: str, *arguments: Any, **options: Any) -> None:
    with pytest.raises(MailError) as caught:
        root(verb, *arguments, **options)
    assert caught.value.code == code


@pytest.fixture(name='store')
def fixture_store() -> Any:
    with Store() as store:
        settings = store.settings()
        if store.find(Domain, DOMAIN):
            domains.remove_domain(store, DOMAIN, force=True)
        domains.add_domain(store, DOMAIN)
        root('domain_change', DOMAIN, user_aliases=5)
        mailboxes.add(store, DESK, password_hash='{ARGON2}x')
        yield store
        domains.remove_domain(store, DOMAIN, force=True)
        store.change_settings(store.settings(), settings)


def test_what_someone_changed_meanwhile_is_not_removed(store: Any) -> None:
    added = root('alias_add', INFO, [DESK])
    assert added['version'], 'undo cannot know what was left'
    aliases.edit(store, INFO, note='somebody else')
    refused('entry-changed', 'alias_remove', INFO, version=added['version'])
    changed = root('alias_change', INFO, enabled=False)
    aliases.edit(store, INFO, note='somebody else again')
    refused('entry-changed', 'alias_change', INFO, enabled=True, version=changed['version'])
    again = root('alias_change', INFO, note='')
    root('alias_remove', INFO, version=again['version'])


def test_an_own_address_that_was_off_comes_back_off(store: Any) -> None:
    made = root('own_alias_add', 'alice', INFO)
    off = root('own_alias_change', 'alice', INFO, enabled=False, version=made['version'])
    root('own_alias_remove', 'alice', INFO, off['version'])
    identity = store.user('alice').id
    back = {'enabled': False, 'owner_id': identity, 'destinations': [DESK]}
    refused('user-missing', 'own_alias_add', 'bob', INFO, **back)
    root('own_alias_add', 'alice', INFO, **back)
    assert not own.get_alias(store, of_user(store, 'alice'), INFO).enabled


def test_an_owner_who_is_another_person_by_now_gets_nothing(store: Any) -> None:
    identity = store.user('alice').id
    refused('user-missing', 'alias_add', INFO, [DESK], owner='bob', owner_id=identity)
    assert store.find(Alias, INFO) is None
    root('alias_add', INFO, [DESK], owner='alice', owner_id=identity)


@pytest.mark.usefixtures('store')
def test_a_catch_all_of_another_person_stays() -> None:
    made = root('catch_all_set', DOMAIN, [DESK], 'none')
    refused('entry-changed', 'catch_all_set', DOMAIN, [f'postmaster@{DOMAIN}'], 'none')
    root('catch_all_set', DOMAIN, [f'postmaster@{DOMAIN}'], made['version'])
    refused('entry-changed', 'alias_remove', f'*@{DOMAIN}', version=made['version'])


def test_a_main_domain_another_person_chose_stays(store: Any) -> None:
    before = store.settings().primary_domain
    refused('entry-changed', 'domain_set_primary', DOMAIN, instead_of=DOMAIN)
    assert store.settings().primary_domain == before


def test_a_forward_another_person_chose_stays(store: Any) -> None:
    mine = own.mailboxes_of(store, of_user(store, 'alice'))[0].address
    left = root('own_mailbox_forward', 'alice', mine, [DESK])
    mailboxes.change(store, mine, forwards=[])
    refused('entry-changed', 'own_mailbox_forward', 'alice', mine, [DESK], left['version'])
