# SPDX-License-Identifier: AGPL-3.0-or-later
"""slapd's configuration: what is added to it, and that the rest stays."""

from pathlib import Path
from typing import Any

import pytest

from plinth.modules.email.directory import server

SCHEMA = Path(__file__).parents[5] / 'data' / server.SCHEMA_PATH.relative_to('/')
READERS = ('gidNumber=1+uidNumber=2,cn=peercred,cn=external,cn=auth',)
FREEDOMBOX = [
    '{0}to attrs=userPassword by self write by anonymous auth by * none',
    '{1}to attrs=shadowLastChange by self write by * read',
    '{2}to * by * read',
]


def test_our_rules_come_first() -> None:
    ours = server.access_rules(READERS)
    merged = server.merge_rules(FREEDOMBOX, ours)
    assert merged[: len(ours)] == ours
    assert [rule[3:] for rule in FREEDOMBOX] == merged[len(ours) :]


def test_rules_come_once_and_follow_new_numbers() -> None:
    before = server.merge_rules(FREEDOMBOX, server.access_rules(('gidNumber=9+uidNumber=9',)))
    numbered = [f'{{{number}}}{rule}' for number, rule in enumerate(before)]
    ours = server.access_rules(READERS)
    assert server.merge_rules(numbered, ours) == server.merge_rules(FREEDOMBOX, ours)


def test_a_rule_of_the_admin_that_only_adds_stays_in_front() -> None:
    extra = 'to * by dn.exact="cn=backup,dc=thisbox" read by * break'
    merged = server.merge_rules(['{0}' + extra, *FREEDOMBOX], server.access_rules(READERS))
    assert merged[0] == extra
    assert merged[1].startswith('to dn.subtree="ou=mail,dc=thisbox" attrs=userPassword')


def test_no_one_else_sees_anything() -> None:
    password, reset, rest, logins = server.access_rules(())
    assert reset.endswith('attrs=fbxMailResetHash by * none')
    assert password.endswith('attrs=userPassword by anonymous auth by * none')
    assert rest == 'to dn.subtree="ou=mail,dc=thisbox" by * none'
    assert logins == 'to attrs=pwdLastSuccess by * none'


def test_limits_of_others_stay() -> None:
    other = 'users size=10'
    old = '{1}dn.exact="gidNumber=7+uidNumber=7,cn=peercred,cn=external,cn=auth" size=unlimited'
    ours = server.limits(READERS)
    assert server.merge_limits(['{0}' + other, old], ours) == [other, *ours]


def test_users_that_do_not_exist_are_left_out() -> None:
    assert server.reader_names(['root', 'no-such-user']) == (
        'gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth',
    )


@pytest.fixture(name='schema')
def fixture_schema() -> Any:
    return server.read_schema(SCHEMA.read_text())


def test_schema_is_read_whole(schema: Any) -> None:
    assert len(schema['olcObjectIdentifier']) == 3
    assert len(schema['olcAttributeTypes']) >= 18
    assert len(schema['olcObjectClasses']) >= 5
    assert all(value.endswith(')') for value in schema['olcAttributeTypes'])
    assert not any('  ' in value for values in schema.values() for value in values)


def test_schema_numbers_and_names_are_used_once(schema: Any) -> None:
    for part in ('olcAttributeTypes', 'olcObjectClasses'):
        numbers = [value.split()[1] for value in schema[part]]
        names = [value.split("'")[1] for value in schema[part]]
        assert len(set(numbers)) == len(numbers)
        assert len(set(names)) == len(names)


def test_every_index_is_on_an_attribute_of_the_schema(schema: Any) -> None:
    names = {value.split("'")[1] for value in schema['olcAttributeTypes']}
    assert {index.split()[0] for index in server.INDEXES} <= names
