# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verdict on another box's answer, which may say anything."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...words.dns import SENTENCES, sentence
from .. import reached
from ..answer import Answer, DnsView, PortFound, Question, Reached, Seen, Status
from ..records import Site

HOST, OURS, SIX, STRANGE = 'box.test', '192.0.2.7', '2001:db8::7', '192.0.2.99'
HERE = Site(HOST, HOST, (OURS,))
GREETING = f'220 {HOST} ESMTP Postfix (Debian)'
OPEN = Reached(OURS, greeting=GREETING)


def seen(*found: Reached) -> Seen:
    """The findings of a look, and a second address that the host name has."""
    view = DnsView(resolver=Answer(Status.FOUND, (SIX,)))
    return Seen(views={Question(HOST, 'AAAA'): view}, reached=found)


@pytest.mark.parametrize(
    ('found', 'state', 'code'),
    [
        (OPEN, 'works', 'reach-open'),
        (Reached(SIX, greeting=GREETING), 'works', 'reach-open'),
        (Reached(OURS, greeting=f'220-{HOST.upper()}'), 'works', 'reach-open'),
        (Reached(OURS, greeting='220 mail.other.test ESMTP'), 'broken', 'reach-other'),
        (Reached(OURS, greeting=f'220 {HOST}.evil.test ESMTP'), 'broken', 'reach-other'),
        (Reached(OURS, greeting=f'554 {HOST} ESMTP'), 'broken', 'reach-other'),
        (Reached(OURS, greeting='SSH-2.0-OpenSSH'), 'broken', 'reach-other'),
        (Reached(OURS, 'refused'), 'broken', 'reach-shut'),
        (Reached(OURS, 'timeout'), 'broken', 'reach-shut'),
        (Reached(OURS, 'unreachable'), 'broken', 'reach-shut'),
        (Reached(OURS, 'silent'), 'look', 'reach-silent'),
        (Reached(STRANGE, 'timeout'), 'unknown', 'reach-elsewhere'),
        (Reached(STRANGE, greeting=GREETING), 'unknown', 'reach-elsewhere'),
        (Reached(OURS, 'not-outside'), 'unknown', 'reach-not-outside'),
        (Reached(OURS, 'blind'), 'unknown', 'reach-blind'),
        (Reached(problem='unanswered'), 'unknown', 'reach-unanswered'),
        (Reached(problem='untrusted'), 'unknown', 'reach-untrusted'),
        (Reached(problem='declined'), 'unknown', 'reach-declined'),
        (Reached(problem='garbage'), 'unknown', 'reach-garbage'),
    ],
)
def test_each_answer_has_a_verdict_with_a_sentence(found: Reached, state: str, code: str) -> None:
    verdict = reached.judge(HERE, seen(found))
    assert (verdict.state, verdict.code) == (state, code)
    assert sentence(verdict)
    assert (code in reached.TESTED) is (state != 'unknown')


@pytest.mark.parametrize(
    ('found', 'code'),
    [
        ((OPEN, Reached(problem='unanswered')), 'reach-open'),
        ((OPEN, Reached(SIX, 'timeout')), 'reach-partly'),
        ((Reached(OURS, 'refused'), Reached(SIX, 'timeout')), 'reach-shut'),
        ((Reached(OURS, 'refused'), Reached(STRANGE, greeting=GREETING)), 'reach-shut'),
        ((OPEN, Reached(SIX, greeting='220 other.test')), 'reach-other'),
    ],
)
def test_the_worst_address_counts(found: tuple[Reached, ...], code: str) -> None:
    verdict = reached.judge(HERE, seen(*found))
    assert verdict.code == code
    assert '{' not in sentence(verdict)


ALL = tuple(map(PortFound, (443, 465, 587, 993)))
SOME = (PortFound(443), PortFound(993, 'timeout'))


@pytest.mark.parametrize(
    ('found', 'state', 'code'),
    [
        ((Reached(OURS, ports=ALL),), 'works', 'ports-open'),
        ((Reached(OURS, 'refused', ports=ALL),), 'works', 'ports-open'),
        ((Reached(OURS, 'blind', ports=ALL),), 'works', 'ports-open'),
        ((Reached(OURS, ports=SOME),), 'look', 'ports-shut'),
        ((Reached(OURS, ports=ALL), Reached(SIX, ports=SOME)), 'look', 'ports-shut'),
        ((Reached(OURS, ports=ALL), Reached(STRANGE, ports=SOME)), 'works', 'ports-open'),
        ((Reached(STRANGE, ports=SOME),), 'unknown', 'reach-elsewhere'),
        ((OPEN,), 'unknown', 'reach-untested'),
        ((Reached(problem='declined'),), 'unknown', 'reach-declined'),
        ((), 'unknown', 'reach-untested'),
    ],
)
def test_the_ports_of_mail_apps(found: tuple[Reached, ...], state: str, code: str) -> None:
    verdict = reached.judge_ports(HERE, seen(*found))
    assert (verdict.state, verdict.code) == (state, code)
    assert '{' not in sentence(verdict)


@pytest.mark.parametrize(
    'ports',
    [[[443]], [['443', '']], [[True, '']], [[0, '']], [[443, 'x']], [443], 'x', [[1, '', 2]], None],
)
def test_other_words_on_ports_are_no_answer(ports: Any) -> None:
    said = {**reached.write(Reached(OURS, ports=SOME)), 'ports': ports}
    assert reached.read(json.dumps(said)) == Reached(problem='garbage')


def test_an_answer_about_ports_arrives_whole() -> None:
    found = Reached(OURS, 'refused', ports=SOME)
    assert reached.read(json.dumps(reached.write(found))) == found


def test_what_was_not_tested_is_unknown() -> None:
    assert reached.judge(HERE, Seen()).code == 'reach-untested'
    other = Site('second.test', HOST, (OURS,))
    verdict = reached.judge(other, seen(OPEN))
    assert (verdict.state, verdict.code) == ('unknown', 'reach-at-host')
    assert {f'reach-{each}' for each in reached.UNABLE} <= set(SENTENCES)


def test_an_answer_survives_the_way() -> None:
    for found in (OPEN, Reached(SIX, 'timeout')):
        assert reached.read(json.dumps(reached.write(found))) == found


GOOD: dict[str, Any] = {'reached': False, 'address': OURS, 'greeting': '', 'why': 'refused'}


@pytest.mark.parametrize(
    'text',
    [
        '', 'null', '[]', '"x"', '{}', '[' * 4000, '{"reached": true}', '1' * 4000,
        json.dumps(GOOD | {'why': ''}),
        json.dumps(GOOD | {'reached': True}),
        json.dumps(GOOD | {'reached': 0}),
        json.dumps(GOOD | {'why': 'untested'}),
        json.dumps(GOOD | {'why': ['refused']}),
        json.dumps(GOOD | {'address': 'box.test'}),
        json.dumps(GOOD | {'address': 3221225991}),
        json.dumps(GOOD | {'greeting': None}),
        json.dumps(GOOD) + ' ' * reached.LONGEST_ANSWER,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_none(text: str) -> None:
    assert reached.read(text) == Reached(problem='garbage')


@given(st.text(), st.text())
def test_what_is_shown_is_short_and_printable(greeting: str, address: str) -> None:
    data = {'reached': True, 'address': OURS, 'greeting': greeting, 'why': ''}
    found = reached.read(json.dumps(data, ensure_ascii=False))
    assert len(found.greeting) <= reached.LONGEST_GREETING
    assert found.greeting.isprintable()
    assert reached.read(json.dumps(data | {'address': address})).problem in ('', 'garbage')


def test_a_first_line_is_made_printable() -> None:
    assert reached.printable(b'220 a\x1b[31m\xff b\r\n') == '220 a?[31m? b'
    assert len(reached.printable(b'2' * 900)) == reached.LONGEST_GREETING
