# SPDX-License-Identifier: AGPL-3.0-or-later
"""The score of a delivery rehearsal."""

import pytest

from ...status import State
from ...words import round_trip as words
from ..received_field import ReceivedField
from ..rehearsal import Score, score
from ..returned import METHODS, Judgement, MethodResult, RoundTripAnswer

HOST, FAR = 'example.test', 'mx.outside.test'
ALL_PASS = Judgement(FAR, tuple(MethodResult(each, 'pass', HOST) for each in METHODS))


def scored(judged: Judgement | None, way: ReceivedField | None) -> Score:
    found = score(RoundTripAnswer('outside.test', None, judged, way))
    assert found is not None
    return found


def states(found: Score) -> dict[str, tuple[str, State]]:
    return {each.check: (each.result, each.state) for each in found.marks}


def test_all_that_can_be_told() -> None:
    found = scored(ALL_PASS, ReceivedField(FAR, HOST, True, False, HOST))
    assert (found.passed, found.known, found.unknown, found.state) == (5, 5, 0, State.WORKS)


def test_what_was_not_told_does_not_count() -> None:
    found = scored(ALL_PASS, None)
    assert (found.passed, found.known, found.unknown) == (3, 3, 2)
    assert found.state == State.UNKNOWN, 'never well without having been seen'


def test_a_way_without_results() -> None:
    found = scored(None, ReceivedField(FAR, HOST, False, False, ''))
    assert states(found)['tls'] == ('none', State.LOOK)
    assert states(found)['reverse'] == ('none', State.BROKEN)
    assert (found.passed, found.known, found.unknown, found.state) == (0, 2, 3, State.BROKEN)


def test_the_address_of_this_server_does_not_count_behind_a_relay() -> None:
    assert 'reverse' not in states(
        scored(ALL_PASS, ReceivedField(FAR, HOST, True, True, 'isp.test'))
    )


def test_another_host_name() -> None:
    found = scored(ALL_PASS, ReceivedField(FAR, HOST, True, False, 'isp.test'))
    assert states(found)['reverse'] == ('other', State.LOOK)


@pytest.mark.parametrize('answer', [RoundTripAnswer(), RoundTripAnswer(is_bounce=True)])
def test_nothing_told_has_no_score(answer: RoundTripAnswer) -> None:
    assert score(answer) is None


@pytest.mark.parametrize('reverse', [None, '', HOST, 'isp.test'])
@pytest.mark.parametrize('encrypted', [None, True, False])
def test_each_result_has_a_sentence(encrypted: bool | None, reverse: str | None) -> None:
    for mark in scored(ALL_PASS, ReceivedField(FAR, HOST, encrypted, False, reverse)).marks:
        text = words.RESULTS[words.code(mark.check, mark.result)]
        assert text.format(domain=mark.domain, host=mark.host)
        assert words.NAMES[mark.check]
