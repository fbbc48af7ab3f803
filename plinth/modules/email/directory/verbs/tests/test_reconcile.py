# SPDX-License-Identifier: AGPL-3.0-or-later
"""The plan that follows from FreedomBox's users, worked out without a directory."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plinth.modules.email.directory.accounts import User
from plinth.modules.email.directory.alias import ROLES, Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.guard import Guard
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.settings import Settings
from plinth.modules.email.directory.verbs.reconcile import FORMER_NAME_LASTS, plan_for
from plinth.modules.email.directory.verbs.snapshot import Snapshot

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
ALICE, BOB, CAROL = User('alice', 'id-a'), User('bob', 'id-b'), User('carol', 'id-c')
ONE, TWO = Domain('one.test'), Domain('two.test')


def snapshot(
    users: Any = (ALICE, BOB),
    domains: Any = (ONE, TWO),
    admins: Any = ('alice',),
    entries: Any = (),
    **chosen: Any,
) -> Any:
    chosen.setdefault('primary_domain', 'one.test')
    return Snapshot(
        Settings(**chosen),
        tuple(domains),
        tuple(users),
        tuple(admins),
        {entry.key: entry for entry in entries if isinstance(entry, Mailbox)},
        {entry.key: entry for entry in entries if isinstance(entry, Alias)},
        NOW,
    )


def confirmed(seen: Any) -> Any:
    """The plan once an administrator has said that all who are missing are gone."""
    return plan_for(seen, plan_for(seen).waiting.mark)


def settled(seen: Any, **changes: Any) -> Any:
    """The snapshot after its plan was carried out, with something new in it."""
    plan = confirmed(seen)
    after = dataclasses.replace(seen, mailboxes=plan.mailboxes, aliases=plan.aliases)
    return dataclasses.replace(after, **changes)


def codes(plan: Any) -> Any:
    return [problem.code for problem in plan.problems]


def test_every_user_gets_a_mailbox_in_the_primary_domain_only() -> None:
    plan = plan_for(snapshot())
    assert sorted(plan.mailboxes) == ['alice@one.test', 'bob@one.test']
    assert plan.mailboxes['alice@one.test'] == Mailbox(
        'alice@one.test', owner='alice', owner_id='id-a', login='alice', origin='freedombox'
    )


def test_a_new_mailbox_of_a_guarded_person_is_guarded_too() -> None:
    guard = Guard(known=('carol@outside.test',))
    main = plan_for(snapshot()).mailboxes['alice@one.test']
    guarded = dataclasses.replace(main, **guard.fields())  # type: ignore[arg-type]
    more = dataclasses.replace(TWO, user_mailboxes=True)
    plan = plan_for(snapshot(domains=(ONE, more), entries=(guarded,)))
    assert plan.mailboxes['alice@two.test'].guard == guard
    assert plan.mailboxes['bob@two.test'].guard is None


def test_roles_of_each_domain_reach_the_first_admin() -> None:
    plan = plan_for(snapshot(domains=(ONE, TWO, Domain('three.test', alias_of='one.test'))))
    assert sorted(plan.aliases) == sorted(f'{r}@{d}.test' for r in ROLES for d in ('one', 'two'))
    assert {alias.destinations for alias in plan.aliases.values()} == {('alice@one.test',)}
    assert {alias.origin for alias in plan.aliases.values()} == {'role'}


def test_mailboxes_are_made_before_the_aliases_that_lead_to_them() -> None:
    kinds = [type(step.after) for step in plan_for(snapshot()).steps()]
    assert kinds == sorted(kinds, key=lambda kind: kind is Alias)


def test_second_run_finds_nothing() -> None:
    assert plan_for(settled(snapshot())).steps() == []


def test_configured_operator_comes_before_the_admins_and_is_followed() -> None:
    seen = settled(snapshot())
    plan = plan_for(dataclasses.replace(seen, settings=Settings('one.test', 'bob')))
    assert plan.aliases['abuse@two.test'].destinations == ('bob@one.test',)


def test_locked_admin_is_no_operator() -> None:
    locked = dataclasses.replace(ALICE, locked=True)
    plan = plan_for(snapshot(users=(locked, BOB), admins=('alice', 'bob')))
    assert plan.aliases['abuse@one.test'].destinations == ('bob@one.test',)


def test_an_admins_own_choice_for_a_role_stays() -> None:
    chosen = Alias('abuse@one.test', ('desk@outside.test',))
    plan = plan_for(snapshot(entries=[chosen]))
    assert plan.aliases['abuse@one.test'] == chosen


def test_a_role_never_hides_a_mailbox() -> None:
    plan = plan_for(snapshot(entries=[Mailbox('root@one.test')]))
    assert 'root@one.test' not in plan.aliases


def test_an_administrator_with_the_name_of_a_role_gets_the_address() -> None:
    seen = settled(snapshot(admins=('alice', 'webmaster')))
    plan = plan_for(dataclasses.replace(seen, users=(*seen.users, User('webmaster', 'id-w'))))
    assert 'webmaster@one.test' not in plan.aliases
    assert plan.mailboxes['webmaster@one.test'].owner == 'webmaster'
    assert plan.aliases['webmaster@two.test'].origin == 'role'


def test_no_one_to_be_operator_is_a_problem() -> None:
    assert codes(plan_for(snapshot(admins=()))) == ['operator-missing']


def test_no_primary_domain_changes_nothing() -> None:
    for primary in ('', 'other.test'):
        plan = plan_for(snapshot(primary_domain=primary))
        assert plan.steps() == []
        assert codes(plan) == ['primary-missing']


def test_a_deleted_user_keeps_the_mail_and_loses_the_login() -> None:
    plan = plan_for(settled(snapshot(), users=(ALICE,)))
    assert plan.mailboxes['bob@one.test'] == Mailbox(
        'bob@one.test', False, 'bob', 'id-b', '', 'freedombox', '', NOW
    )
    later = settled(settled(snapshot(), users=(ALICE,)), time=NOW + timedelta(days=1))
    assert plan_for(later).steps() == []


def test_a_user_who_returns_has_the_mailbox_again() -> None:
    gone = settled(settled(snapshot(), users=(ALICE,)))
    plan = plan_for(dataclasses.replace(gone, users=(ALICE, BOB)))
    assert plan.mailboxes['bob@one.test'] == Mailbox(
        'bob@one.test', True, 'bob', 'id-b', 'bob', 'freedombox'
    )


def test_someone_else_with_the_name_of_one_who_left_gets_nothing_of_theirs() -> None:
    seen = settled(snapshot(domains=(ONE, Domain('two.test', user_mailboxes=True))))
    gone = settled(settled(seen), users=(ALICE,))
    plan = plan_for(settled(gone, users=(ALICE, User('bob', 'id-new'))))
    for key in ('bob@one.test', 'bob@two.test'):
        # The store sets the mail aside when a mailbox gets another owner.
        assert (plan.mailboxes[key].owner_id, plan.mailboxes[key].enabled) == ('id-new', True)
        assert plan.mailboxes[key].gone is None
    assert plan.mailboxes['bob@one.test'].login == 'bob'
    assert codes(plan) == []


def test_a_mailbox_of_another_box_waits_for_a_user_with_its_name() -> None:
    waiting = Mailbox('carol@one.test', owner='carol', origin='freedombox')
    gone = settled(snapshot(entries=[waiting]))
    assert gone.mailboxes['carol@one.test'].gone
    plan = plan_for(dataclasses.replace(gone, users=(ALICE, BOB, CAROL)))
    assert plan.mailboxes['carol@one.test'].owner_id == 'id-c'
    assert plan.mailboxes['carol@one.test'].enabled


USERS_OF_MANY = tuple(User(f'user{number}', f'id-{number}') for number in range(9))


@pytest.mark.parametrize(
    ('before', 'after', 'waits'),
    [
        (9, 8, False),
        (9, 6, False),
        (9, 5, True),  # more than a few
        (5, 3, True),  # more than a third
        (3, 2, False),
        (2, 1, False),
        (2, 0, True),
        (1, 0, True),  # no user is left at all
    ],
)
def test_many_who_leave_at_once_wait_for_an_administrator(
    before: int, after: int, waits: bool
) -> None:
    made = Alias('fun@one.test', ('user0@one.test',), owner='user0', origin='user', owner_id='id-0')
    users = USERS_OF_MANY[:before]
    seen = settled(snapshot(users=users, admins=('user0',), entries=[made]))
    left = dataclasses.replace(seen, users=users[before - after :])
    plan = plan_for(left)
    assert ('users-missing' in codes(plan)) is waits
    assert (plan.steps() == []) is waits
    assert len(plan.waiting.users) == (before - after if waits else 0)
    assert {user.id for user in left.users} <= {user.id for user in plan.seen.users}
    assert plan_for(left, 'x' * 16).steps() == plan.steps(), 'another mark confirms nothing'
    followed = confirmed(left)
    assert not followed.mailboxes['user0@one.test'].enabled
    assert not followed.aliases[made.address].enabled
    assert plan_for(settled(left)).waiting.users == ()


def test_while_many_are_missing_others_are_followed() -> None:
    seen = settled(snapshot(users=USERS_OF_MANY, admins=('user0',)))
    left = dataclasses.replace(seen, users=(USERS_OF_MANY[0], User('new', 'id-n')))
    plan = plan_for(left)
    assert [step.after.key for step in plan.steps() if step.after] == ['new@one.test']
    assert plan.waiting.names == 'user1, user2, user3, user4, user5 and 3 more'


@pytest.mark.parametrize(
    ('users', 'leads_to', 'owner'),
    [
        ((ALICE, BOB), 'bob@one.test', ('bob', 'id-b')),
        ((ALICE, User('robert', 'id-b')), 'bob@one.test', ('robert', 'id-b')),
        ((ALICE, User('robert', 'id-b'), User('bob', 'id-n')), 'bob@one.test', ('robert', 'id-b')),
        ((ALICE, BOB), 'alice@one.test', ('', '')),
        ((ALICE, BOB), 'x@outside.test', ('', '')),
        ((ALICE, User('bob', 'id-n')), 'bob@one.test', ('', '')),
        ((ALICE,), 'bob@one.test', ('', '')),
    ],
)
def test_an_alias_that_only_names_an_owner_gets_an_identity_or_no_one(
    users: Any, leads_to: str, owner: Any
) -> None:
    old = Alias('sales@one.test', (leads_to,), owner='bob', origin='user')
    seen = settled(snapshot())
    seen = dataclasses.replace(seen, users=users, aliases={**seen.aliases, old.key: old})
    plan = plan_for(seen)
    found = plan.aliases[old.key]
    assert (found.owner, found.owner_id) == owner
    assert found.origin == ('user' if owner[0] else 'admin')
    assert found.enabled
    assert ('alias-owner-unknown' in codes(plan)) is not bool(owner[0])
    assert 'alias-owner-unknown' not in codes(plan_for(settled(seen)))


def test_a_mailbox_an_admin_switched_off_stays_off() -> None:
    seen = settled(snapshot())
    off = dataclasses.replace(seen.mailboxes['bob@one.test'], enabled=False)
    assert (
        plan_for(dataclasses.replace(seen, mailboxes={**seen.mailboxes, off.key: off})).steps()
        == []
    )


def test_a_renamed_user_keeps_mailbox_and_old_address() -> None:
    plan = plan_for(settled(snapshot(), users=(ALICE, User('robert', 'id-b'))))
    assert plan.mailboxes['bob@one.test'].owner == 'robert'
    assert plan.mailboxes['bob@one.test'].login == 'robert'
    assert plan.aliases['robert@one.test'].destinations == ('bob@one.test',)
    assert 'robert@one.test' not in plan.mailboxes


def test_someone_new_with_an_old_name_never_gets_the_mail_of_another() -> None:
    seen = settled(snapshot(), users=(ALICE, User('robert', 'id-b')))
    plan = plan_for(settled(seen, users=(ALICE, User('robert', 'id-b'), User('bob', 'id-new'))))
    assert plan.mailboxes['bob@one.test'].owner == 'robert'
    assert codes(plan) == ['user-no-mailbox']


def test_the_alias_of_a_renamed_user_goes_off_and_on_with_the_mailbox() -> None:
    seen = settled(settled(snapshot(), users=(ALICE, User('robert', 'id-b'))))
    gone = settled(seen, users=(ALICE,))
    assert not plan_for(gone).aliases['robert@one.test'].enabled
    back = settled(gone, users=(ALICE, User('robert', 'id-b')))
    assert plan_for(back).aliases['robert@one.test'].enabled
    assert plan_for(settled(back)).steps() == []


def test_an_alias_follows_its_owner_and_ends_with_them() -> None:
    made = Alias('fun@one.test', ('bob@one.test',), owner='bob', origin='user', owner_id='id-b')
    renamed = settled(settled(snapshot(entries=[made])), users=(ALICE, User('robert', 'id-b')))
    assert plan_for(renamed).aliases[made.address].owner == 'robert'
    gone = plan_for(settled(renamed, users=(ALICE, User('bob', 'id-new'))))
    assert (gone.aliases[made.address].owner, gone.aliases[made.address].enabled) == (
        'robert',
        False,
    )


def test_an_alias_of_an_administrator_goes_on_without_its_owner() -> None:
    made = Alias('sales@one.test', ('alice@one.test',), owner='bob', owner_id='id-b')
    renamed = settled(settled(snapshot(entries=[made])), users=(ALICE, User('robert', 'id-b')))
    assert plan_for(renamed).aliases[made.address].owner == 'robert'
    gone = settled(renamed, users=(ALICE, User('robert', 'id-new')))
    assert plan_for(gone).aliases[made.address] == dataclasses.replace(made, owner='', owner_id='')


def renamed(*names: str, **options: Any) -> Any:
    """The entries after bob took these names, one after the other, a day each."""
    seen = settled(snapshot(**options))
    for name in names:
        later = seen.time + timedelta(days=1)
        seen = settled(dataclasses.replace(seen, users=(ALICE, User(name, 'id-b')), time=later))
        assert plan_for(seen).steps() == []
    return seen


def names_of(seen: Any) -> Any:
    return {key: a.expires for key, a in seen.aliases.items() if a.origin == 'freedombox'}


def test_one_former_name_stays_for_a_time() -> None:
    seen = renamed('robert', 'rob', 'bert')
    end = seen.time + FORMER_NAME_LASTS
    assert names_of(seen) == {'rob@one.test': end, 'bert@one.test': None}
    assert (seen.aliases['rob@one.test'].owner, seen.aliases['rob@one.test'].enabled) == (
        'bert',
        True,
    )
    over = settled(dataclasses.replace(seen, time=end))
    assert names_of(over) == {'bert@one.test': None}
    assert names_of(renamed('robert', 'rob', 'robert')) == {
        'rob@one.test': seen.time + FORMER_NAME_LASTS,
        'robert@one.test': None,
    }
    assert over.mailboxes['bob@one.test'].enabled


@pytest.mark.parametrize('name', ['admin', 'Administrator', 'security', 'mail-reports', 'ssladmin'])
def test_no_reserved_name_is_collected(name: str) -> None:
    for names in ((name,), (name, 'bert'), ('rob', name)):
        seen = renamed(*names)
        address = f'{name.lower()}@one.test'
        assert address not in names_of(seen)
        assert address not in seen.mailboxes
        assert plan_for(renamed(name, admins=('alice', name))).aliases[address]


def test_an_administrator_keeps_a_mailbox_and_a_plain_user_gets_none_of_a_reserved_name() -> None:
    named = User('admin', 'id-x')
    plan = plan_for(snapshot(users=(ALICE, named), admins=('admin',)))
    assert plan.mailboxes['admin@one.test'].login == 'admin'
    assert codes(plan_for(settled(snapshot(users=(ALICE, named), admins=('admin',))))) == []
    plan = plan_for(snapshot(users=(ALICE, named)))
    assert 'admin@one.test' not in plan.mailboxes
    assert codes(plan) == ['user-reserved']
    had = Mailbox('admin@one.test', owner='admin', owner_id='id-x', login='admin')
    assert plan_for(snapshot(users=(ALICE, named), entries=[had])).mailboxes[had.key] == had


def test_who_really_has_a_name_wins() -> None:
    seen = renamed('carol', 'rob')
    after = settled(dataclasses.replace(seen, users=(*seen.users, CAROL)))
    assert after.mailboxes['carol@one.test'].owner_id == 'id-c'
    assert names_of(after) == {'rob@one.test': None}
    seen = renamed('carol', 'rob', users=(ALICE, BOB, User('dora', 'id-d')))
    both = (*seen.users, User('dora', 'id-d'))
    seen = settled(dataclasses.replace(seen, users=both))
    taken = settled(dataclasses.replace(seen, users=(*seen.users[:2], User('carol', 'id-d'))))
    assert taken.aliases['carol@one.test'].destinations == ('dora@one.test',)


ROBERT = 'robert@one.test'


@pytest.mark.parametrize(
    ('taken', 'expected'),
    [
        (Mailbox(ROBERT), ['user-no-address']),
        (Mailbox(ROBERT, owner='alice', owner_id='id-a'), ['user-no-address']),
        (Mailbox(ROBERT, owner='bob', owner_id='id-b'), []),
        (Alias(ROBERT, ('x@outside.test',)), ['user-no-address']),
        (Alias(ROBERT, ('bob@one.test', 'x@outside.test')), []),
        (Alias(ROBERT, ('bob@one.test',), enabled=False), ['user-no-address']),
        (Alias(ROBERT, ('alice@one.test',), owner='alice', owner_id='id-a', origin='user'),
         ['user-no-address']),
    ],
)  # fmt: skip
def test_a_renamed_user_without_the_new_address_is_a_problem(taken: Any, expected: Any) -> None:
    seen = settled(snapshot(entries=[taken]))
    plan = plan_for(dataclasses.replace(seen, users=(ALICE, User('robert', 'id-b'))))
    assert codes(plan) == expected
    assert {**plan.mailboxes, **plan.aliases}[ROBERT].key == ROBERT
    if expected:
        assert plan.problems[0].sentence == (
            'robert@one.test is already in use, so robert does not get it. Mail for this user '
            'still arrives at bob@one.test.'
        )
        again = settled(dataclasses.replace(seen, users=(ALICE, User('robert', 'id-b'))))
        assert codes(plan_for(again)) == expected, 'until somebody put it right'


def test_a_user_with_a_reserved_new_name_is_a_problem() -> None:
    seen = settled(snapshot())
    renamed_to = dataclasses.replace(seen, users=(ALICE, User('ssladmin', 'id-b')))
    plan = plan_for(renamed_to)
    assert codes(plan) == ['user-no-address']
    assert 'is reserved' in plan.problems[0].sentence
    assert codes(plan_for(dataclasses.replace(renamed_to, admins=('alice', 'ssladmin')))) == []


def test_names_collected_before_are_ended() -> None:
    many = [
        Alias(f'{name}@one.test', ('bob@one.test',), owner='rob', owner_id='id-b',
              origin='freedombox')
        for name in ('admin', 'newcolleague', 'rob', 'ssladmin', 'x')
    ]  # fmt: skip
    had = settled(snapshot())
    seen = dataclasses.replace(had, aliases={**had.aliases, **{a.key: a for a in many}})
    after = settled(dataclasses.replace(seen, users=(ALICE, User('bert', 'id-b'))))
    assert names_of(after) == {'rob@one.test': NOW + FORMER_NAME_LASTS, 'bert@one.test': None}


def test_a_reserved_address_a_user_made_is_switched_off() -> None:
    made = Alias('sysadmin@one.test', ('bob@one.test',), owner='bob', origin='user',
                 owner_id='id-b')  # fmt: skip
    assert not plan_for(snapshot(entries=[made])).aliases[made.key].enabled
    assert plan_for(snapshot(entries=[made], admins=('bob',))).aliases[made.key].enabled
    given = dataclasses.replace(made, origin='admin')
    assert plan_for(snapshot(entries=[given])).aliases[made.key].enabled


def test_nothing_is_taken_from_others() -> None:
    for taken in (Mailbox('bob@one.test'), Alias('bob@one.test', ('x@outside.test',))):
        plan = plan_for(snapshot(entries=[taken]))
        assert codes(plan) == ['user-no-mailbox']
        assert {**plan.mailboxes, **plan.aliases}['bob@one.test'] == taken


def test_a_name_that_fits_no_address_is_a_problem_of_one_user() -> None:
    plan = plan_for(snapshot(users=(ALICE, User('bob@home', 'id-x'), User('.dot', 'id-y'))))
    assert codes(plan) == ['user-invalid', 'user-invalid']
    assert list(plan.mailboxes) == ['alice@one.test']


def test_a_name_that_is_an_address_takes_no_login_and_changes_no_owner() -> None:
    evil = User('alice@one.test', 'id-b')
    made = Alias('fun@one.test', ('bob@one.test',), owner='bob', origin='user', owner_id='id-b')
    plan = plan_for(settled(snapshot(entries=[made]), users=(ALICE, evil)))
    bob = plan.mailboxes['bob@one.test']
    assert (bob.enabled, bob.owner, bob.owner_id, bob.login) == (True, 'bob', 'id-b', '')
    assert plan.aliases['fun@one.test'].owner == 'bob'
    assert plan.mailboxes['alice@one.test'].login == 'alice'
    assert codes(plan) == ['user-invalid']
    back = plan_for(settled(settled(snapshot(), users=(ALICE, evil)), users=(ALICE, BOB)))
    assert back.mailboxes['bob@one.test'].login == 'bob'


def test_a_name_that_is_an_address_gets_no_mailbox_of_someone_gone() -> None:
    gone = Mailbox('x@one.test', False, owner='alice@one.test', owner_id='id-x', gone=NOW)
    plan = plan_for(snapshot(entries=[gone], users=(ALICE, User('alice@one.test', 'id-n'))))
    assert plan.mailboxes['x@one.test'] == gone


def test_two_mailboxes_with_one_short_login_lock_no_one_out() -> None:
    seen = settled(snapshot())
    false = Mailbox('desk@one.test', owner='alice', owner_id='id-x', login='alice', gone=NOW)
    for wrong in (false, dataclasses.replace(false, owner='ALICE', login='ALICE')):
        plan = plan_for(dataclasses.replace(seen, mailboxes={**seen.mailboxes, wrong.key: wrong}))
        logins = {key: box.login for key, box in plan.mailboxes.items() if box.login}
        assert logins == {'alice@one.test': 'alice', 'bob@one.test': 'bob'}
        assert codes(plan) == ['login-twice']


def test_capital_letters_in_a_name() -> None:
    plan = plan_for(snapshot(users=(User('Alice', 'id-a'),), admins=('Alice',)))
    assert plan.mailboxes['alice@one.test'].login == 'Alice'
    assert plan_for(settled(snapshot(users=(User('Alice', 'id-a'),)))).steps() == []


def test_another_primary_domain_moves_the_login_and_keeps_the_mail() -> None:
    seen = settled(snapshot(), settings=Settings('two.test'))
    plan = plan_for(seen)
    assert plan.mailboxes['alice@two.test'].login == 'alice'
    assert plan.mailboxes['alice@one.test'].login == ''
    assert plan.mailboxes['alice@one.test'].enabled
    back = settled(settled(seen), settings=Settings('one.test'))
    assert plan_for(back).mailboxes['alice@one.test'].login == 'alice'
    assert plan_for(settled(back)).steps() == []


def test_a_mailbox_the_admin_gave_a_user_does_not_become_the_main_one() -> None:
    sales = Mailbox('sales@one.test', owner='alice', owner_id='id-a')
    plan = plan_for(snapshot(entries=[sales]))
    assert plan.mailboxes['sales@one.test'] == sales
    assert plan.mailboxes['alice@one.test'].login == 'alice'


def test_someone_back_under_the_name_of_another_who_left_opens_their_own_mailbox() -> None:
    both_gone = settled(settled(snapshot()), users=())
    seen = settled(settled(both_gone), users=(User('bob', ALICE.id),))
    after = plan_for(seen).mailboxes
    assert after['alice@one.test'].login == 'bob'
    assert after['alice@one.test'].enabled
    assert after['bob@one.test'] == seen.mailboxes['bob@one.test']
    assert (after['bob@one.test'].login, after['bob@one.test'].enabled) == ('', False)
    assert 'bob@one.test' not in plan_for(seen).aliases


NAMES = st.sampled_from(['alice', 'bob', 'carol', 'root', 'postmaster', 'x@y'])
USERS = st.lists(
    st.builds(User, NAMES, st.sampled_from('abcde'), st.booleans()),
    unique_by=(lambda user: user.name, lambda user: user.id),
)


@settings(max_examples=300)
@given(st.lists(st.tuples(USERS, st.sampled_from(['one.test', 'two.test', ''])), max_size=6))
@example(  # all leave; two come back under the names of others, then one under another
    [
        ([User('alice', 'c'), User('bob', 'a'), User('carol', 'b')], 'one.test'),
        ([], 'one.test'),
        ([User('alice', 'b'), User('bob', 'c')], 'one.test'),
        ([User('bob', 'b')], ''),
    ]
)
def test_whatever_happens_it_settles_and_keeps_every_mailbox(history: Any) -> None:
    seen = snapshot(users=())
    for users, primary in history:
        before = dict(seen.mailboxes)
        seen = settled(
            dataclasses.replace(
                seen,
                users=tuple(users),
                settings=Settings(primary),
                admins=tuple(u.name for u in users),
            )
        )
        assert plan_for(seen).steps() == []
        assert not plan_for(seen).waiting.users
        assert before.keys() <= seen.mailboxes.keys()
        assert not seen.mailboxes.keys() & seen.aliases.keys()
        logins = [mailbox.login for mailbox in seen.mailboxes.values() if mailbox.login]
        assert len(set(logins)) == len(logins)
        ids = {user.id: user.name for user in users}
        assert all(
            ids[mailbox.owner_id] in (mailbox.owner, 'x@y')
            for mailbox in seen.mailboxes.values()
            if not mailbox.gone
        )
        assert not any('@' in box.owner + box.login for box in seen.mailboxes.values())
