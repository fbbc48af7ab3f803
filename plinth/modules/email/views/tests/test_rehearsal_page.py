# SPDX-License-Identifier: AGPL-3.0-or-later
"""The delivery rehearsal in words."""

from plinth.modules.email.sending.received_field import ReceivedField
from plinth.modules.email.sending.returned import Judgement, MethodResult, RoundTripAnswer
from plinth.modules.email.status import State
from plinth.modules.email.views import rehearsal

HOST = 'one.test'


def test_results_are_shown_with_what_they_mean() -> None:
    found = rehearsal.shown_results(
        Judgement('x.test', (
            MethodResult('spf', 'pass', 'one.test'), MethodResult('dkim', 'permerror', 'one.test'),
            MethodResult('dmarc'),
        ))
    )  # fmt: skip
    assert [each.state for each in found] == [State.WORKS, State.BROKEN, State.UNKNOWN]
    assert found[0].sentence == 'The server that sent the message may send for one.test.'
    assert found[2].sentence == 'Not reported.'
    assert rehearsal.shown_results(None) == []


def test_a_score_says_what_was_not_told() -> None:
    judged = Judgement('mx.test', (MethodResult('spf', 'pass', HOST), MethodResult('dkim'),
                                   MethodResult('dmarc', 'fail')))  # fmt: skip
    way = ReceivedField('mx.test', HOST, True, False, '')
    found = rehearsal.shown_score(RoundTripAnswer('mx.test', None, judged, way), HOST)
    assert found is not None
    assert (found.state, found.host) == (State.BROKEN, 'mx.test')
    assert found.sentence == '2 of 4 checks passed'
    assert found.untold.startswith('1 more was not reported')
    assert [each.result for each in found.marks] == ['pass', 'missing', 'fail', 'pass', 'none']
    assert HOST in found.marks[-1].sentence


def test_a_refusal_is_explained() -> None:
    said = '550 5.1.1 <carol@two.test>: Recipient address rejected: User unknown'
    found = rehearsal.why_refused(RoundTripAnswer(refused=said, is_bounce=True))
    assert found[0] == 'The address does not exist at the other mail server.'
    said = '554-No SMTP service 554-IP address is block listed.'
    found = rehearsal.why_refused(RoundTripAnswer(refused=said, is_bounce=True))
    assert 'block list' in found[0]
    assert rehearsal.why_refused(RoundTripAnswer(refused='Go away.', is_bounce=True)) == []
    assert rehearsal.why_refused(None) == []
