# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files of many entries: read, refused by line, planned as a whole; without a directory."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory import csv_escape, import_files
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.verbs import bulk
from plinth.modules.email.directory.view import MemoryView
from plinth.modules.email.errors import MailError, Reason

HASH = '{SSHA}c2FsdHNhbHRzYWx0c2FsdA=='
SITE = f"""
domains:
  - name: own.test
    user_mailboxes: no
    user_aliases: 3
    catch_all: desk@own.test
mailboxes:
  - address: desk@own.test
    password_hash: '{HASH}'
  - {{address: alice@own.test, owner: alice}}
aliases:
  - address: shop-*@own.test
    destinations: [later@own.test, x@outside.test]
    expires: 2999-01-31
  - address: later@own.test
    destinations: alice@own.test
"""


def plan(parsed: Any, entries: Any = (), hashes: Any = None) -> Any:
    wanted, wrong = parsed
    assert not wrong
    planner = bulk.Planner(MemoryView(entries), users={'alice': 'id-a'}, hashes=hashes)
    return planner.work(wanted)


def test_a_site_is_planned_in_any_order_and_only_once() -> None:
    first = plan(import_files.read_yaml(SITE))
    assert first.faults == []
    after = [change.after for change in first.changes]
    assert [change.verb for change in first.changes] == ['add'] * 6
    assert after[0] == Domain('own.test', user_mailboxes=False, user_aliases=3)
    assert Mailbox('alice@own.test', owner='alice', owner_id='id-a') in after
    assert Alias('*@own.test', ('desk@own.test',)) in after
    again = plan(import_files.read_yaml(SITE), after, {'desk@own.test': HASH})
    assert (again.changes, again.faults) == ([], [])


def test_quotas_and_days_are_read_as_pages_read_them() -> None:
    text = """
domains:
  - {name: own.test, quota: 2 gb, total_quota: 50 GiB, junk_days: 7}
mailboxes:
  - {address: alice@own.test, owner: alice, quota: Unlimited, trash_days: never}
"""
    after = [change.after for change in plan(import_files.read_yaml(text)).changes]
    assert after == [
        Domain('own.test', quota='2 GB', total_quota='50 GiB', junk_days='7'),
        Mailbox('alice@own.test', owner='alice', owner_id='id-a', quota='unlimited',
                trash_days='never'),
    ]  # fmt: skip
    _wanted, wrong = import_files.read_yaml(text.replace('2 gb', '2000'))
    assert [error.code for _line, error in wrong] == ['quota-invalid']


def test_differences_are_named() -> None:
    before = [change.after for change in plan(import_files.read_yaml(SITE)).changes]
    text = SITE.replace('user_aliases: 3', 'user_aliases: 4')
    changes = plan(import_files.read_yaml(text), before, {'desk@own.test': HASH}).changes
    assert [change.summary().to_json() for change in changes] == [
        {
            'verb': 'change',
            'kind': 'domain',
            'key': 'own.test',
            'differences': {'user_aliases': [3, 4]},
            'password': False,
        }
    ]


def test_a_preview_comes_back_as_it_was() -> None:
    made = plan(import_files.read_yaml(SITE))
    made.faults.append(bulk.Fault(7, Reason('site-invalid.number')))
    shown = made.preview(100)
    assert (shown.added, shown.changed, shown.wrong, shown.mark) == (6, 0, 1, made.mark())
    assert shown.kinds == {'domain': 1, 'mailbox': 2, 'alias': 3}
    plain = json.loads(json.dumps(shown.to_json()))
    assert bulk.ImportPreview.from_json(plain) == shown
    assert bulk.ImportSummary.from_json(plain) == made.summary()
    with pytest.raises(ValueError, match='verb'):
        bulk.ImportPreview.from_json({**plain, 'changes': [{**plain['changes'][0], 'verb': 'x'}]})


def test_every_wrong_line_is_named() -> None:
    text = (
        'address,destinations\n'
        'good@own.test,x@outside.test\n'
        'b ad@own.test,x@outside.test\n'
        'good@own.test,y@outside.test\n'
        'lost@own.test,nobody@own.test\n'
        'far@elsewhere.test,x@outside.test\n'
        'empty@own.test,\n'
    )
    wanted, wrong = import_files.read_csv(text)
    planned = bulk.Planner(MemoryView([Domain('own.test')])).work(wanted)
    assert [(line, error.code) for line, error in wrong] == [
        (3, 'address-invalid'),
        (7, 'site-invalid'),
    ]
    assert [(fault.line, fault.reason.code) for fault in planned.faults] == [
        (4, 'alias-exists'),
        (5, 'destination-missing'),
        (6, 'domain-missing'),
    ]
    with pytest.raises(MailError) as caught:
        planned.check()
    assert caught.value.code == 'site-invalid'
    assert 'line 5: There is no address nobody@own.test' in caught.value.detail
    assert caught.value.sentence == (
        'Nothing was changed: 3 lines have errors. Line 4: good@own.test is already on an earlier '
        'line.'
    )


def test_all_wrong_lines_are_counted_and_the_first_are_named() -> None:
    text = 'address,destinations\n' + ''.join(f'a{n}@far.test,x@outside.test\n' for n in range(300))
    wanted, _ = import_files.read_csv(text)
    planned = bulk.Planner(MemoryView([Domain('own.test')])).work(wanted)
    assert len(planned.faults) == 300
    with pytest.raises(MailError, match='300 lines have errors') as caught:
        planned.check()
    assert len(caught.value.detail.splitlines()) == bulk.MOST_NAMED


def test_a_plan_is_known_by_its_mark() -> None:
    own, text = Domain('own.test'), 'address,destinations\na@own.test,x@outside.test\n'
    first, again = (plan(import_files.read_csv(text), [own]) for _ in range(2))
    other = plan(import_files.read_csv(text.replace('x@', 'y@')), [own])
    late = plan(
        import_files.read_csv(text), [own, Alias('a@own.test', ('z@outside.test',), version='2')]
    )
    assert first.mark() == again.mark()
    assert len({each.mark() for each in (first, other, late, bulk.ImportPlan())}) == 4


def test_progress_never_goes_back() -> None:
    said: list[int] = []
    list(bulk._reporting(range(1000), said.append, 0, 5))
    list(bulk._reporting(range(3), said.append, 5, 10))
    assert said == sorted(said)
    assert said[0] == 0
    assert len(said) == 8


def test_an_alias_of_a_user_who_is_gone_is_no_change() -> None:
    alias = Alias('a@own.test', ('x@outside.test',), owner='gone', owner_id='id-g', origin='user')
    text = 'address,destinations,owner\na@own.test,x@outside.test,gone\n'
    assert plan(import_files.read_csv(text), [Domain('own.test'), alias]).changes == []


def faults(text: str, *entries: Any) -> Any:
    """The faults by line, as the file and the directory report them."""
    wanted, wrong = import_files.read_csv(text)
    planned = bulk.Planner(MemoryView([Domain('own.test'), *entries])).work(wanted)
    found = [(line, error.reason) for line, error in wrong]
    found += [(each.line, each.reason) for each in planned.faults]
    return sorted((line, reason.code, reason.sentence) for line, reason in found)


def test_one_fault_is_told_with_its_line_and_reason() -> None:
    wanted, _wrong = import_files.read_csv('address,destinations\n\na@far.test,x@outside.test\n')
    planned = bulk.Planner(MemoryView([Domain('own.test')])).work(wanted)
    with pytest.raises(MailError, match=r'Nothing was changed\. Line 3: far\.test is not a mail'):
        planned.check()


HEAD = 'address,destinations,enabled,expires\n'
PAST, SOON = '2020-01-31', '2999-01-31'


@pytest.mark.parametrize(
    ('row', 'code'),
    [
        (f'a@own.test,x@outside.test,yes,{PAST}', 'expiry-invalid'),
        (f'a@own.test,x@outside.test,,{PAST}', 'expiry-invalid'),
        (f'a@own.test,x@outside.test,no,{PAST}', None),
        (f'a@own.test,x@outside.test,,{SOON}', None),
        ('a@own.test,x@outside.test,,31.01.2999', 'time-invalid'),
        ('a@own.test,x@outside.test, , ', None),
        ('a@own.test,x@outside.test,maybe,', 'site-invalid'),
        ('a@own.test,x@outside.test,,,y@outside.test', 'site-invalid'),
    ],
)
def test_a_row_is_taken_as_the_command_would(row: str, code: Any) -> None:
    assert [found[:2] for found in faults(f'{HEAD}{row}\n')] == ([(2, code)] if code else [])


def test_an_alias_that_ended_before_may_stand_in_a_file_but_not_get_another_past_end() -> None:
    end = import_files.FIELDS[Alias]['expires'](PAST)
    before = Alias('a@own.test', ('x@outside.test',), expires=end)
    assert faults(f'{HEAD}a@own.test,x@outside.test,yes,{PAST}\n', before) == []
    assert faults(f'{HEAD}a@own.test,y@outside.test,yes,{PAST}\n', before) == []
    assert [
        each[1] for each in faults(f'{HEAD}a@own.test,x@outside.test,,2021-01-31\n', before)
    ] == ['expiry-invalid']


@pytest.mark.parametrize(
    'cell',
    ['x@outside.test y@outside.test', 'x@outside.test;y@outside.test',
     'x@outside.test; y@outside.test;', '"x@outside.test, y@outside.test"',
     '"x@outside.test\ny@outside.test"'],
)  # fmt: skip
def test_several_addresses_in_one_cell(cell: str) -> None:
    wanted, wrong = import_files.read_csv(f'ADDRESS,Destinations\na@own.test,{cell}\n')
    assert not wrong
    assert wanted[0].fields['destinations'] == ('x@outside.test', 'y@outside.test')


def test_a_destination_in_a_second_column_of_the_name_is_not_lost() -> None:
    text = 'address,destinations,destinations\na@own.test,x@outside.test,y@outside.test\n'
    with pytest.raises(MailError, match='“destinations” appears twice'):
        import_files.read_csv(text)


@pytest.mark.parametrize('between', [',', ';', '\t'])
def test_columns_are_parted_as_the_first_line_says(between: str) -> None:
    text = '\ufeff"address",destinations,note\r\na@own.test,x@outside.test,"b c"\r\n'
    wanted, wrong = import_files.read_csv(text.replace(',', between))
    assert not wrong
    assert [each.fields['note'] for each in wanted] == ['b c']


@given(st.text(st.sampled_from("';=+-@ ab＝"), max_size=12))  # noqa: RUF001
def test_no_cell_is_a_formula_and_none_is_changed(text: str) -> None:
    cell = csv_escape.guarded(text)
    assert csv_escape.plain(cell) == text
    assert not any(part[:1] in tuple('=+-@＝') for part in cell.split(';'))  # noqa: RUF001


@pytest.mark.parametrize(
    'text',
    [
        '', '- a', 'a: b', 'domains: x', 'domains:\n  - x', 'a: &x [1]\nb: *x', '{', '\x00',
        'x: !!python/object/apply:os.system [id]', 'domains: [' * 2000,
    ],
)  # fmt: skip
def test_what_is_no_site_is_refused(text: Any) -> None:
    with pytest.raises(MailError) as caught:
        import_files.read_yaml(text)
    assert caught.value.code == 'site-invalid'


@pytest.mark.parametrize('text', ['', 'x', 'address\na@b.cc', 'address,destinations\n"a'])
def test_what_is_no_table_is_refused(text: Any) -> None:
    with pytest.raises(MailError) as caught:
        import_files.read_csv(text)
    assert caught.value.code == 'site-invalid'


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('{SSHA}abcdefghijkl', '{SSHA}abcdefghijkl'),
        ('$argon2id$v=19$salt$hash', '{ARGON2}$argon2id$v=19$salt$hash'),
        ('$6$salt$hashhashhash', '{CRYPT}$6$salt$hashhashhash'),
        ('', ''),
    ],
)  # fmt: skip
def test_hashes_have_a_form_slapd_knows(text: Any, expected: Any) -> None:
    assert import_files.parse_hash(text) == expected


@pytest.mark.parametrize('text', ['secret', '{CLEARTEXT}secretsecret', '{SSHA}a b', '{SSHA}\x00'])
def test_a_password_that_is_not_hashed_is_refused(text: Any) -> None:
    with pytest.raises(MailError):
        import_files.parse_hash(text)


NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from('*-@(),\\"\'<>&;:{}[]#\x00\n\r \u202e')), max_size=80
)


@given(NASTY)
def test_any_text_is_read_or_refused(text: Any) -> None:
    for read, whole in (
        (import_files.read_csv, f'address,destinations,note\n{text}'),
        (import_files.read_yaml, f'aliases:\n  - address: {text}'),
        (import_files.read_yaml, text),
    ):
        try:
            wanted, _ = read(whole)
        except MailError:
            continue
        planned = bulk.Planner(MemoryView([Domain('own.test')])).work(wanted)
        assert all(fault.reason.sentence for fault in planned.faults)
