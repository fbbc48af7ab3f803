# SPDX-License-Identifier: AGPL-3.0-or-later
"""The arguments of root's verbs: each gets hostile ones, through FreedomBox's own door.

The verbs are those the door opens to. One that is new has to be described in `SANE`, or the
test fails; from then on each of its arguments is tried.
"""

import importlib
import inspect
import json
import os
import re
import shutil
import subprocess
import types
import typing
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from freedombox import actions as door

from plinth.modules.email import privileged
from plinth.modules.email.backup import dump
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mail_filter import MailFilter, filters_text
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.password import hash_password
from plinth.modules.email.directory.person import of_user
from plinth.modules.email.directory.relay import Relay
from plinth.modules.email.directory.store import Store
from plinth.modules.email.directory.vacation import Vacation
from plinth.modules.email.directory.verbs import aliases, domains, mailboxes, own, routes
from plinth.modules.email.directory.verbs.reconcile import reconcile
from plinth.modules.email.errors import MailError

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which('freedombox-email') is None,
    reason='needs root on a FreedomBox with freedombox-email',
)

DOMAIN, OTHER = 'verbs-test.example', 'verbs-two.example'
DESK, ONE, NEW, OWN = (f'{name}@{DOMAIN}' for name in ('desk', 'one', 'new', 'own'))
MARK = '0' * 32
LONG = 'x' * 900_000
"""Nearly as much as the door lets through."""
SECRET = 'c2VjcmV0IHNlY3JldCBzZWNyZXQ='
RELAY: dict[str, Any] = {
    'host': 'smtp.verbs.example', 'port': 587, 'tls': 'starttls', 'verify': True, 'login': 'me',
    'password': 'correct horse', 'backups': [], 'spf': '', 'note': 'x',
}  # fmt: skip
CHOSEN: dict[str, Any] = {
    'which': 'named', 'destination': '', 'sender': '', 'ids': ['4fPMmB2q9Wz3w'],
}  # fmt: skip
"""A message that is not in the queue."""
REPLY = str(Vacation('Away.'))
_FILTER = MailFilter('x', flag='seen')
FILTER, FILTERS = str(_FILTER), filters_text((_FILTER,))
VERBS = dir(privileged)

SANE: dict[str, dict[str, Any]] = {
    'alias_add': {
        'address': NEW, 'destinations': [DESK], 'enabled': True, 'owner': 'alice',
        'senders': [DESK], 'expires': '2040-01-01', 'note': 'x', 'owner_id': '@alice',
    },
    'alias_change': {
        'address': ONE, 'destinations': [DESK, 'x@outside.test'], 'enabled': True,
        'senders': [DESK], 'expires': '2040-01-01', 'note': 'x', 'version': '@one',
    },
    'alias_remove': {'address': ONE, 'force': True, 'version': '@one'},
    'app_password_revoke': {'key_id': 'aaaa'},
    'ban_add': {'network': '192.0.2.77'},
    'ban_remove': {'network': '192.0.2.77'},
    'builtin_copy': {'user': 'alice'},
    'builtin_place': {'user': 'alice'},
    'catch_all_set': {'domain': DOMAIN, 'destinations': [DESK], 'version': 'none'},
    'certificate_make': {'domain': DOMAIN},
    'deleted_look': {'address': DESK},
    'deleted_restore': {'address': DESK, 'uids': [1]},
    'dkim_next': {'domain': DOMAIN, 'wait': False},
    'dkim_rotate': {'domain': DOMAIN, 'wait': False},
    'dkim_state': {'domain': DOMAIN},
    'dns_facts': {'domain': DOMAIN, 'host': DOMAIN},
    'dns_provider': {'domain': DOMAIN},
    'dns_provider_remove': {'domain': DOMAIN},
    'dns_provider_set': {
        'domain': DOMAIN, 'server': '192.0.2.53', 'key_name': 'key.test',
        'algorithm': 'hmac-sha256', 'zone': DOMAIN, 'port': 53, 'secret': SECRET,
        'kind': 'rfc2136',
    },
    'dns_push': {'domain': DOMAIN, 'really': False},
    'domain_add': {'domain': 'verbs-new.example', 'alias_of': DOMAIN},
    'domain_change': {
        'domain': DOMAIN, 'user_mailboxes': 'no', 'user_aliases': 2, 'alias_of': '',
        'note': 'x', 'version': '@domain', 'mta_sts': 'testing', 'dmarc': 'none',
        'recipients_hour': 1, 'recipients_day': 1, 'first_time_day': 1,
        'forwarding': True, 'quota': '1 GB', 'total_quota': '2 GB', 'trash_days': '9',
        'junk_days': 'never', 'client_host': '',
    },
    'component_install': {'name': 'none', 'people': ['alice']},
    'component_remove': {'name': 'none', 'people': ['alice']},
    'content_of_domain': {'domain': DOMAIN},
    'domain_loss': {'domain': DOMAIN},
    'domain_remove': {'domain': DOMAIN, 'force': True, 'version': '@domain'},
    'domain_set_primary': {'domain': DOMAIN, 'instead_of': '@primary'},
    'guard_know': {'address': DESK, 'known': ['x@outside.test']},
    'guard_remove': {'address': DESK, 'version': '@desk'},
    'guard_set': {
        'address': DESK, 'guardians': ['@alice'], 'known': ['x@outside.test'],
        'receives_known': True, 'writes_known': False, 'may': ['filters'],
        'hours': ['1 15:00-19:00'], 'version': '@desk',
    },
    'held_drop': {'which': DESK, 'count': 1},
    'held_release': {'which': DESK},
    'common_filters_set': {'place': 'after', 'filters': FILTERS, 'version': ''},
    'learned_leave': {'forget': False, 'stop': False},
    'login_disown': {'secret': 'none'},
    'login_of_link': {'secret': 'none'},
    'mail_delete': {'which': DESK},
    'mail_give': {'which': DESK},
    'end_set': {
        'kind': 'mailbox', 'address': DESK, 'expires': '2040-01-01', 'farewell': 'x',
        'version': '@desk',
    },
    'handover_set': {
        'address': DESK, 'day': '2040-01-01', 'leaving': [], 'joining': ['@member'],
        'version': '@desk',
    },
    'mailbox_add': {
        'address': NEW, 'owner': None, 'password': 'correct horse battery',
        'take_over_mail': False, 'note': 'x',
    },
    'mailbox_change': {
        'address': DESK, 'enabled': True, 'note': 'x', 'forwards': ['x@outside.test'],
        'keep_copy': True,
        'version': '@desk', 'closed': 'x', 'recipients_hour': 1, 'recipients_day': 1,
        'first_time_day': 1, 'forwarding': 'yes', 'quota': '500 MB', 'trash_days': '9',
        'junk_days': 'never',
    },
    'mailbox_change_password': {
        'address': DESK, 'old_password': 'correct horse battery',
        'new_password': 'another correct battery',
    },
    'mailbox_content': {'address': DESK},
    'mailbox_freeze': {'address': DESK, 'sentence': 'x'},
    'mailbox_remove': {'address': DESK, 'delete_mail': False, 'force': True, 'version': '@desk'},
    'mailbox_reset_address': {'secret': '@secret'},
    'mailbox_reset_finish': {'secret': '@secret', 'password': 'another correct battery'},
    'mailbox_reset_start': {'address': DESK, 'hours': 1},
    'mailbox_sign_in': {'address': DESK, 'password': 'correct horse battery'},
    'mailbox_signed_in': {'address': DESK, 'mark': '@mark'},
    'mailbox_set_password': {'address': DESK, 'password': 'another correct battery'},
    'mailbox_unfreeze': {'address': DESK},
    'members_set': {'address': DESK, 'members': ['@member'], 'version': '@desk'},
    'message_lines': {'number': 1},
    'message_story': {'number': 1},
    'messages_find': {
        'address': 'x@outside.test', 'message_id': '1@outside.test', 'result': 'returned',
        'since': '2026-11-30', 'until': '2026-12-01T12:00:00+00:00', 'before': 1, 'most': 25,
        'queue_id': '4jcMbL1hRmzNwGY',
    },
    'messages_keep': {'days': 30, 'megabytes': 1500, 'subjects': False},
    'operator_set': {'user': 'alice'},
    'own_alias_add': {
        'user': 'alice', 'address': NEW, 'destinations': [DESK], 'expires': '2040-01-01',
        'note': 'x', 'enabled': True, 'owner_id': '@alice', 'alone': False,
    },
    'own_alias_add_random': {'user': 'alice', 'domain': DOMAIN, 'note': 'x', 'alone': False},
    'own_alias_change': {
        'user': 'alice', 'address': OWN, 'enabled': True, 'expires': '2040-01-01', 'note': 'y',
        'version': '@own', 'alone': False,
    },
    'own_alias_remove': {'user': 'alice', 'address': OWN, 'version': '@own', 'alone': False},
    'own_app_password_add': {
        'user': 'alice', 'label': 'Phone', 'password': 'none', 'alone': False,
    },
    'own_app_password_remove': {'user': 'alice', 'key_id': 'aaaa', 'alone': False},
    'alias_by_key': {'key': 'none', 'domain': DOMAIN, 'note': 'x'},
    'own_alias_key_add': {'user': 'alice', 'label': 'Phone', 'password': 'none', 'alone': False},
    'own_profile_link': {'user': 'alice', 'label': 'Phone', 'password': 'none', 'alone': False},
    'profile_fetch': {'secret': 'none'},
    'profile_of_link': {'secret': 'none'},
    'own_filter_try': {
        'user': 'alice', 'address': '@mailbox', 'wanted': FILTER, 'alone': False,
    },
    'own_filters': {
        'user': 'alice', 'address': '@mailbox', 'filters': FILTERS, 'version': '', 'alone': False,
    },
    'own_usage_look': {'user': 'alice', 'address': OWN, 'alone': False},
    'own_weekly_report': {'user': 'alice', 'address': OWN, 'on': True, 'alone': False},
    'monthly_report_set': {'on': True},
    'usage_report_set': {'address': DESK, 'on': True},
    'own_label_folders': {
        'user': 'alice', 'address': '@mailbox', 'enabled': True, 'version': '', 'alone': False,
    },
    'own_membership_end': {'user': 'alice', 'address': DESK, 'alone': False},
    'own_content': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'own_deleted_look': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'common_lists_change': {'act': 'add-denied', 'senders': 'pest.test', 'seen': ''},
    'greylisting_set': {'enabled': True},
    'own_lists_change': {
        'user': 'alice', 'address': '@mailbox', 'act': 'add-denied', 'senders': 'pest.test',
        'version': '', 'alone': False,
    },
    'held_off_look': {'address': DESK},
    'own_held_off': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'own_sender_let_in': {
        'user': 'alice', 'address': '@mailbox', 'sender': 'a@b.test', 'alone': False
    },
    'sender_let_in': {'address': DESK, 'sender': 'a@b.test'},
    'sender_lists_change': {'address': DESK, 'act': 'add-denied', 'senders': 'pest.test'},
    'own_spam_export': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'own_spam_import': {
        'user': 'alice', 'address': '@mailbox', 'name': 'x' * 32, 'alone': False
    },
    'own_spam_forget': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'own_spam_learn': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'own_spam_look': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'spam_forget': {'address': DESK},
    'spam_learn': {'address': DESK},
    'spam_look': {'address': DESK},
    'own_deleted_restore': {
        'user': 'alice', 'address': '@mailbox', 'uids': [1], 'alone': False,
    },
    'own_mailbox_forward': {
        'user': 'alice', 'address': '@mailbox', 'destinations': ['x@outside.test'], 'version': '',
        'alone': False, 'keep_copy': True,
    },
    'own_message_story': {'user': 'alice', 'number': 1, 'alone': False},
    'own_messages_find': {
        'user': 'alice', 'address': 'x@outside.test', 'message_id': '1@outside.test',
        'result': 'returned', 'since': '2026-11-30', 'until': '', 'before': 1, 'most': 25,
        'alone': False,
    },
    'own_scripts_look': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'own_vacation': {
        'user': 'alice', 'address': '@mailbox', 'reply': REPLY, 'version': '', 'alone': False,
    },
    'own_waiting': {'user': 'alice', 'alone': False},
    'own_waiting_decide': {
        'user': 'alice', 'address': DESK, 'message': MARK, 'decision': 'once', 'alone': False,
    },
    'own_quarantine_decide': {
        'user': 'alice', 'address': '@mailbox', 'messages': ['a' * 32], 'decision': 'release',
        'alone': False,
    },
    'own_quarantine_look': {'user': 'alice', 'address': '@mailbox', 'alone': False},
    'own_quarantine_set': {
        'user': 'alice', 'address': '@mailbox', 'choice': 'on', 'version': '', 'alone': False,
    },
    'quarantine_of_link': {'secret': 'none'},
    'quarantine_use_link': {'secret': 'none'},
    'quarantine_usual_set': {'choice': 'off'},
    'queue_bounce': {**CHOSEN, 'until': 0, 'count': 1},
    'queue_delete': {**CHOSEN, 'until': 0, 'count': 1},
    'queue_headers': {'name': '4fPMmB2q9Wz3w'},
    'queue_hold': CHOSEN,
    'queue_list': {'which': 'all', 'destination': '', 'sender': '', 'first': 0, 'rows': 25},
    'queue_release': CHOSEN,
    'queue_retry': CHOSEN,
    'queue_show': {'name': '4fPMmB2q9Wz3w'},
    'telling_confirm': {'code': '123456'},
    'telling_set': {'address': '', 'quiet_from': 22, 'quiet_until': 7},
    'reach_set': {'host': 'other.example', 'answers': False},
    'relay_add': {**RELAY, 'name': 'verbs-new'},
    'relay_change': {**RELAY, 'name': 'verbs', 'version': '@relay'},
    'relay_remove': {'name': 'verbs', 'version': '@relay'},
    'resolve': {'address': DESK},
    'metrics_set': {'on': False},
    'round_trip_look': {'user': 'alice'},
    'round_trip_send': {'user': 'alice', 'to': 'x@outside.test'},
    'route_set': {'scope': 'mailbox', 'key': DESK, 'route': 'direct'},
    'route_test': {'sender': DESK, 'recipient': 'x@outside.test'},
    'settings_release': {'people': ['alice']},
    'setup': {'people': ['alice']},
    'site_apply': {'kind': 'csv', 'upload': MARK, 'mark': MARK},
    'site_preview': {'kind': 'csv', 'upload': MARK},
    'sync_domains': {'domains': ['@domains'], 'primary': '@primary'},
    'traffic_look': {'span': 'week'},
    'users_are_gone': {'mark': MARK},
    'waiting_decide_by_link': {'secret': 'none', 'decision': 'once'},
    'waiting_of_link': {'secret': 'none'},
}  # fmt: skip
"""Arguments each verb would take, so that the one hostile value is all that can be wrong.

What starts with @ is only known when the test runs.
"""

INVISIBLE = ('a\0b', 'a\nb@c.test', 'a\x1b[0m', '\u202ea', '\ud800', LONG)
TEXTS = (*INVISIBLE, 'a' * 300, 'a' * 70, '../../etc/passwd', '..', '*', 'nobody-known')
FREE = {
    'note': 501, 'label': 61, 'new_password': 257, 'password': 257, 'closed': 201,
    'sentence': 201, 'farewell': 201,
}  # fmt: skip
"""Arguments that may be any plain text of some length."""
LOGINS = ('a' * 70, '../../etc/passwd', '..', '*', 'nobody-known')
"""Texts that another host may call a login."""
FITTING = {
    ('dns_provider_set', 'key_name'): ('nobody-known',),
    ('dns_provider_set', 'secret'): ('a' * 300,),
    ('own_messages_find', 'message_id'): (
        'a' * 70,
        '../../etc/passwd',
        '..',
        '*',
        'nobody-known',
    ),
    ('messages_find', 'message_id'): ('a' * 70, '../../etc/passwd', '..', '*', 'nobody-known'),
    ('relay_add', 'name'): ('nobody-known',),
    ('relay_add', 'login'): LOGINS,
    ('relay_change', 'login'): LOGINS,
    # Names that are looked for and not found.
    ('dns_facts', 'domain'): ('nobody-known', 'a' * 70),
    ('dns_facts', 'host'): ('nobody-known', 'a' * 70),
    # Who is no user is not named in the history.
    ('setup', 'people'): ('nobody-known', '..', 'a' * 70),
    ('settings_release', 'people'): ('nobody-known', '..', 'a' * 70),
}
"""Texts that are not refused, for they do no harm there."""
OUTAGES = ('directory-down', 'directory-failed')


def of(verb: str) -> dict[str, Any]:
    """The kinds of a verb's arguments by their names."""
    return {
        name: each.annotation
        for name, each in inspect.signature(
            inspect.unwrap(getattr(privileged, verb))
        ).parameters.items()
    }


def kinds(annotation: Any) -> tuple[Any, ...]:
    """The kinds an argument may be of."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return typing.get_args(annotation)
    return (annotation,)


def texts_for(verb: str, name: str) -> Iterator[str]:
    """Hostile texts."""
    if (name in FREE and verb not in ('own_app_password_add',)) or name == 'label':
        yield from (*INVISIBLE, 'y' * FREE[name])
        return
    yield from (each for each in TEXTS if each not in FITTING.get((verb, name), ()))


def hostile(verb: str, name: str, annotation: Any, good: Any) -> Iterator[Any]:
    """Values an argument must not have."""
    possible = kinds(annotation)
    wrong: list[Any] = [{'a': 1}, 1.5, *([] if list[int] in possible else [[7]])]
    if type(None) not in possible:
        wrong.append(None)
    if list[str] in possible:
        yield from ([*good, text] for text in texts_for(verb, name))
        yield [f'a{number}@outside.test' for number in range(20_000)]
        wrong.append('text')
    elif list[int] in possible:
        wrong += ['text', ['1'], [-1], [0], [2**40], [True], [*range(1, 2000)]]
    elif bool in possible:
        wrong += ['yes', 2]
    elif int in possible:
        wrong += ['1', -1, 10**40]
    else:
        yield from texts_for(verb, name)
        wrong += [7, True, ['a']]
    yield from wrong


@pytest.fixture(name='known', scope='module')
def fixture_known() -> Iterator[dict[str, Any]]:
    """Entries of the directory for the verbs to refer to."""
    with Store() as store:
        before = dump._read_tree()
        found = fill(store)
    yield found
    dump.load(before)


def fill(store: Store) -> dict[str, Any]:
    """Add what the verbs refer to."""
    forget(store)
    for name in (DOMAIN, OTHER):
        domains.add_domain(store, name)
    store.change(
        store.get(Domain, DOMAIN),
        Domain(DOMAIN, user_aliases=3),
    )
    mailboxes.add(store, DESK, password_hash=hash_password('correct horse battery'))
    aliases.add(store, aliases.make_alias(ONE, [DESK]))
    alice = of_user(store, 'alice')
    own.add_alias(store, alice, OWN)
    routes.add_relay(store, Relay('verbs', 'smtp.verbs.example', login='me'))
    secret, _expires = mailboxes.start_reset(store, DESK)
    reconcile(store)
    return {
        '@alice': alice.id,
        '@member': f'{alice.id} read,write',
        '@one': store.get(Alias, ONE).version,
        '@own': store.get(Alias, OWN).version,
        '@desk': store.get(Mailbox, DESK).version,
        '@domain': store.get(Domain, DOMAIN).version,
        '@primary': store.settings().primary_domain,
        '@relay': store.get(Relay, 'verbs').version,
        '@mailbox': own.main_address(store, alice),
        '@secret': secret,
        '@mark': mailboxes.session_mark(store, store.get(Mailbox, DESK)),
        '@domains': [each.name for each in store.search(Domain, where={'origin': 'freedombox'})],
    }


def forget(store: Store) -> None:
    """Remove what a run that was killed has left."""
    for name in (DOMAIN, OTHER):
        try:
            domains.remove_domain(store, name, force=True)
        except MailError as error:
            if error.code != 'domain-missing':
                raise
    if store.find(Relay, 'verbs'):
        store.remove(Relay, 'verbs')


def sane(verb: str, known: dict[str, Any]) -> dict[str, Any]:
    """Arguments a verb would take."""

    def filled(value: Any) -> Any:
        if value == ['@domains']:
            return known['@domains']
        if isinstance(value, list):
            return [filled(each) for each in value]
        return known[value] if isinstance(value, str) and value.startswith('@') else value

    return {name: filled(value) for name, value in SANE.get(verb, {}).items()}


def ask(verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer of the door when the web process asks for a verb."""
    request = {'module': 'email', 'action': verb, 'args': [], 'kwargs': arguments,
               'log_error': False}  # fmt: skip
    answer: dict[str, Any] = json.loads(
        str(door.privileged_handle_json_request(json.dumps(request)))
    )
    return answer


def is_refused(answer: dict[str, Any]) -> bool:
    """Whether something was refused for what it is, and not because something broke."""
    if answer['result'] != 'exception':
        return isinstance(answer['return'], dict) and bool(answer['return'].get('refused'))
    raised = answer['exception']
    kind = getattr(importlib.import_module(raised['module']), raised['name'])
    if kind is MailError:
        return raised['args'][0] not in OUTAGES
    return issubclass(kind, (ValueError, TypeError, SyntaxError))


def state() -> list[str]:
    """All that root's verbs could change, as text."""
    folders = ['/etc', '/var/lib/freedombox-email', '/var/vmail', '/run/freedombox-email-import']
    command = ['find', *folders, '-not', '-type', 's', '-not', '-path', '*/last-login*',
               '-printf', '%p %m %u %s %T@\n']  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    tree = [*dump._COMMAND, '-b', 'ou=mail,dc=thisbox', '*', 'entryCSN']
    return sorted([*found.splitlines(), subprocess.run(tree, capture_output=True, text=True,
                                                       check=True).stdout])  # fmt: skip


def test_every_verb_with_arguments_is_described() -> None:
    assert {verb for verb in VERBS if of(verb)} == set(SANE)
    assert {verb: set(of(verb)) for verb in SANE} == {verb: set(SANE[verb]) for verb in SANE}
    assert len(VERBS) > 60


def test_every_verb_is_in_the_table_of_what_verbs_accept() -> None:
    table = (Path(__file__).parents[2] / 'doc/security.md').read_text()
    rows = [line.split('|')[1] for line in table.splitlines() if line.startswith('| `')]
    patterns = [word for row in rows for word in re.findall('`([a-z_*]+)`', row)]
    assert [verb for verb in VERBS if not any(fnmatch(verb, each) for each in patterns)] == []
    assert [each for each in patterns if not any(fnmatch(verb, each) for verb in VERBS)] == []


@pytest.fixture(name='still', scope='module')
def fixture_still() -> Iterator[None]:
    """Have no timer of the app change anything while what is there is compared."""
    folder = Path('/usr/lib/systemd/system')
    timers = sorted(each.name for each in folder.glob('freedombox-email-*.timer'))
    services = [timer.replace('.timer', '.service') for timer in timers]
    assert timers, 'the app has timers'
    subprocess.run(['systemctl', 'stop', *timers, *services], check=True)
    yield
    subprocess.run(['systemctl', 'start', *timers], check=True)


@pytest.mark.usefixtures('still')
@pytest.mark.parametrize('verb', sorted(SANE))
def test_no_one_gets_anywhere_with(verb: str, known: dict[str, Any]) -> None:
    before, good = state(), sane(verb, known)
    taken = []
    for name, annotation in of(verb).items():
        for value in hostile(verb, name, annotation, good[name]):
            answer = ask(verb, {**good, name: value})
            if not is_refused(answer):
                taken.append((name, repr(value)[:60], str(answer)[:300]))
    assert taken == []
    assert state() == before


@pytest.mark.parametrize('verb', sorted(set(VERBS) - set(SANE)))
def test_what_takes_nothing_is_given_nothing(verb: str) -> None:
    assert ask(verb, {'x': 1})['exception']['name'] == 'SyntaxError'
