# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is said about keys at each point of a rotation."""

from dataclasses import replace
from datetime import timedelta

import pytest

from .. import rotation as rules
from .. import words
from ..rotation import Rotation
from .test_rotation import DAY, HOUR, START, TERMS, aged, begun, look, switched, waiting


def said(known: Rotation, stage: str, *, publishes: bool = False, rotates: bool = True) -> str:
    """Return code and sentence for the pair at a stage."""
    (row,) = (each for each in words.rows(known, TERMS, publishes, rotates) if each.stage == stage)
    return f'{row.code}: {row.sentence}'


def test_the_key_in_use() -> None:
    assert said(begun(), 'live') == (
        'signs: All mail is signed with it, since 2026-11-03. The next key takes over around '
        '2027-05-04.'
    )
    assert said(begun(), 'live', rotates=False).startswith('signs-for-good: ')
    assert said(waiting(), 'live').startswith('signs-for-good: ')


def test_the_next_key() -> None:
    assert said(waiting(), 'next').startswith('next-unseen: ')
    assert 'ns2 did not have' in said(look(waiting(), START, 'silent'), 'next')
    settling = said(look(waiting(), START), 'next')
    assert settling.startswith('next-settling: ')
    assert 'since 2026-11-03 04:05 UTC' in settling
    assert 'about 1 h' in settling
    patient = replace(waiting(), asked=False)
    for hour in range(4):
        patient = look(patient, START + hour * HOUR)
    assert said(patient, 'next').endswith('It takes over around 2027-05-04.')


def test_the_earlier_key() -> None:
    assert said(switched(), 'old').startswith('old-in-use: ')
    known = rules.confirmed(switched(), (), START)
    assert 'for about 7 days' in said(known, 'old')
    assert 'for about 5 days' in said(aged(switched(), 2), 'old')


def test_a_key_given_up() -> None:
    assert said(aged(switched(), 9), 'gone').endswith('Its records can be deleted.')
    assert said(aged(switched(), 9), 'gone', publishes=True).endswith('are being deleted.')


@pytest.mark.parametrize(
    ('time', 'text'),
    [(timedelta(), '1 h'), (-DAY, '1 h'), (90 * timedelta(minutes=1), '2 h'), (DAY, '24 h'),
     (2 * DAY, '2 days'), (2 * DAY + HOUR, '3 days')],
)  # fmt: skip
def test_lengths_of_time(time: timedelta, text: str) -> None:
    assert words._long(time) == text
