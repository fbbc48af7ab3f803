# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences are kept with their values, and told in the language of the reader."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils.translation import override

from ...errors import MailError, Reason
from ...status import State, Verdict
from .. import dns, health
from ..text import Sentence

NAMES = (dns.short_name('mx'), dns.short_name('reverse'))
SHUT = Verdict(State.BROKEN, 'reach-shut', {'address': '192.0.2.1'})
PARAMS: dict[str, Any] = {'count': 2, 'domain': 'a.test', 'names': NAMES}


def kept(sentence: Sentence) -> Sentence:
    """A sentence out of FreedomBox's database."""
    return Sentence.from_json(json.loads(json.dumps(sentence.to_json())))


@pytest.mark.parametrize(
    ('sentence', 'told'),
    [
        (Sentence('Sent.'), 'Sent.'),
        (
            Sentence(health.PROBLEMS['records'].title, PARAMS),
            '2 DNS problems for a.test: MX, reverse DNS (PTR).',
        ),
        (
            Sentence(health.PROBLEMS['records'].title, {**PARAMS, 'count': 1, 'names': NAMES[:1]}),
            '1 DNS problem for a.test: MX.',
        ),
        (dns.said(SHUT), dns.sentence(SHUT)),
        (Sentence('{sentence}', {'sentence': dns.said(SHUT)}), dns.sentence(SHUT)),
        (
            Reason('not-moved', {'name': 'x', 'why': Reason('name-invalid').to_json()}).said,
            'x: Enter a host or domain name like mail.example.org.',
        ),
        (Reason('of-another-version', {'a': 1}).said, "of-another-version {'a': 1}"),
    ],
)
def test_a_kept_sentence_is_the_same(sentence: Sentence, told: str) -> None:
    assert kept(sentence) == sentence
    assert str(kept(sentence)) == str(sentence) == told


def test_a_kept_sentence_is_told_in_the_language_of_the_reader() -> None:
    sentence = kept(
        Sentence(
            '{day}, {names}, {date}',
            {
                'day': Sentence('Friday'),
                'names': (Sentence('Monday'), 'Tuesday'),
                'date': datetime(2026, 5, 1, tzinfo=UTC),
            },
        )
    )
    with override('de'):
        assert str(sentence) == 'Freitag, Montag, Tuesday, 1. Mai 2026'
    assert str(sentence).startswith('Friday')


def test_an_error_is_text_for_its_reader() -> None:
    assert str(MailError('copy-failed.mail', name='alice')).startswith('Some mail of alice')
