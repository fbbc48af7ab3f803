# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules of a guarded mailbox, and the form in which a mailbox keeps them."""

import dataclasses
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from plinth.modules.email.directory.guard import ACTS, Act, Guard, correspondent, written_forms
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.errors import MailError

ALICE = '01234567-89ab-cdef-0123-456789abcdef'
KID = Mailbox('kid@example.test')

known = some.sampled_from(
    ('a@b.test', '@b.test', 'ü@bücher.test', '@xn--bcher-kva.test', "o'x@c.d")
)
rules = some.builds(
    Guard,
    guardians=some.lists(some.sampled_from((ALICE, 'club@example.test')), max_size=20).map(tuple),
    known=some.lists(known).map(tuple),
    receives_known=some.just(False),
    writes_known=some.booleans(),
    may=some.lists(some.sampled_from(ACTS)).map(tuple),
    hours=some.sets(some.sampled_from(('1 15:00-19:00', '7 00:00-24:00'))).map(tuple),
)


@given(rules)
def test_a_mailbox_keeps_its_guard(guard: Guard) -> None:
    kept = dataclasses.replace(KID, **guard.fields())  # type: ignore[arg-type]
    raw = {name: [each.encode() for each in found] for name, found in kept.to_attributes().items()}
    assert Mailbox.from_attributes(raw).guard == guard
    assert Guard.from_json(guard.to_json()) == guard


def test_a_mailbox_without_rules_is_not_guarded() -> None:
    assert KID.guard is None


def test_the_acts_are_those_of_the_type() -> None:
    assert get_args(Act) == ACTS


@pytest.mark.parametrize(
    ('wrong', 'code'),
    [
        ({'guardians': ('alice',)}, 'address-invalid'),
        ({'guardians': (ALICE.upper(),)}, 'address-invalid'),
        ({'known': ('school.test',)}, 'address-invalid'),
        ({'known': ('@',)}, 'domain-invalid'),
        ({'known': ('*@school.test',) * 501}, 'list-too-long'),
        ({'may': ('everything',)}, 'guard-invalid'),
        ({'may': ('forwards',)}, 'guard-invalid'),
        ({'hours': ('8 15:00-19:00',)}, 'open-hours-invalid'),
    ],
)
def test_what_is_no_rule_is_refused(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(MailError) as found:
        Guard(**wrong)
    assert found.value.code == code


@pytest.mark.parametrize(
    ('address', 'is_known'),
    [
        ('carol@outside.test', True),
        (' CAROL@Outside.Test ', True),
        ('dave@outside.test', False),
        ('any@school.test', True),
        ('any@sub.school.test', False),
        ('any@notschool.test', False),
        ('school.test', False),
        ('', False),
    ],
)
def test_known_correspondents(address: str, is_known: bool) -> None:
    assert Guard(known=('carol@outside.test', '@school.test')).knows(address) is is_known


def test_forms_of_a_correspondent() -> None:
    assert correspondent(' @Bücher.test') == '@xn--bcher-kva.test'
    assert written_forms('a@xn--bcher-kva.test') == ('a@xn--bcher-kva.test', 'a@bücher.test')
    assert written_forms('a@b.test') == ('a@b.test',)
