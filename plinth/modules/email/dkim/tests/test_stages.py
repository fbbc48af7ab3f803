# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sentences about keys at each point of a rotation."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from ...errors import Reason
from ...words import dkim
from .. import rotation as rules
from .. import stages
from ..rotation import Rotation
from ..stages import DomainKeys
from .test_rotation import (
    DAY,
    HOUR,
    START,
    TERMS,
    aged,
    begun,
    look,
    switched,
    waiting,
)


def said(known: Rotation, stage: str, *, publishes: bool = False, rotates: bool = True) -> str:
    """Code and sentence for the pair at a stage."""
    (row,) = (
        each for each in stages.stages(known, TERMS, publishes, rotates) if each.stage == stage
    )
    return f'{row.code}: {row.sentence}'


def test_the_key_in_use() -> None:
    assert said(begun(), 'live') == (
        'signs: In use since Nov. 3, 2026. Will be replaced around May 4, 2027.'
    )
    assert said(begun(), 'live', rotates=False).startswith('signs-for-good: ')
    assert said(waiting(), 'live').startswith('signs-for-good: ')


def test_the_next_key() -> None:
    assert said(waiting(), 'next').startswith('next-unseen: ')
    assert 'Missing on ns2' in said(look(waiting(), START, 'silent'), 'next')
    settling = said(look(waiting(), START), 'next')
    assert settling.startswith('next-settling: ')
    assert 'since Nov. 3, 2026, 4:05 a.m.' in settling
    assert 'about 1 hour.' in settling
    patient = replace(waiting(), asked=False)
    for hour in range(4):
        patient = look(patient, START + hour * HOUR)
    assert said(patient, 'next').endswith('Will be used around May 4, 2027.')


def test_the_earlier_key() -> None:
    assert said(switched(), 'old').startswith('old-in-use: ')
    known = rules.confirmed(switched(), (), START)
    assert 'for about 7 days' in said(known, 'old')
    assert 'for about 5 days' in said(aged(switched(), 2), 'old')


def test_a_key_given_up() -> None:
    assert said(aged(switched(), 9), 'gone').endswith('You can delete its records.')
    assert said(aged(switched(), 9), 'gone', publishes=True).endswith('are being deleted.')


@pytest.mark.parametrize(
    ('time', 'text'),
    [(timedelta(), '1 hour'), (-DAY, '1 hour'), (90 * timedelta(minutes=1), '2 hours'),
     (DAY, '24 hours'),
     (2 * DAY, '2 days'), (2 * DAY + HOUR, '3 days')],
)  # fmt: skip
def test_lengths_of_time(time: timedelta, text: str) -> None:
    said = dkim.sentence('old', {'since': START, 'time': time})
    assert said.endswith(f'about {text}.')


@pytest.mark.parametrize('known', [None, begun(), waiting(), switched(), aged(switched(), 9)])
def test_the_keys_of_a_domain_come_back_as_they_were(known: Rotation | None) -> None:
    problem = Reason('key-lost', {'selector': 'x'})
    keys = DomainKeys(known, TERMS, True, True, ('x',), (problem,))
    again = DomainKeys.from_json(json.loads(json.dumps(keys.to_json())))
    assert again == keys
    assert [each.code for each in again.stages] == [each.code for each in keys.stages]
    assert bool(again.stages) is bool(known)


def test_what_are_no_keys_is_refused() -> None:
    plain = DomainKeys(begun(), TERMS, False, False).to_json()
    for name, wrong in (('rotation', {}), ('terms', None), ('lost', 'x'), ('rotates', 1)):
        with pytest.raises(ValueError, match=name):
            DomainKeys.from_json({**plain, name: wrong})
