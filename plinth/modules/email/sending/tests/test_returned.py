# SPDX-License-Identifier: AGPL-3.0-or-later
"""The answer to the test message, whose headers are hostile."""

from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...words import round_trip as words
from .. import returned
from ..returned import METHODS, MISSING, RESULTS, MethodResult, RoundTripAnswer

HOST, FAR = 'example.test', 'outside.test'
ID = '<email-test.0123@example.test>'
PASSED = (
    f'dkim=pass header.d={FAR} header.s=s1 header.b=abc; '
    f'spf=pass (example.test: domain of carol@{FAR} designates 203.0.113.20 as permitted sender) '
    f'smtp.mailfrom=carol@{FAR}; dmarc=pass (policy=none) header.from={FAR}'
)
THEIRS = (
    f'spf=softfail smtp.mailfrom=alice@{HOST}; dkim=pass header.i=@{HOST}; '
    f'dkim=fail header.d=list.test; dmarc=none'
)


def reply(**headers: str) -> EmailMessage:
    """The reply a person writes."""
    mail = EmailMessage()
    mail['From'], mail['To'] = f'Carol <carol@{FAR}>', f'alice@{HOST}'
    for name, value in {'In_Reply_To': ID, **headers}.items():
        mail[name.replace('_', '-')] = value
    mail.set_content('It arrived.\n')
    return mail


def copy(message_id: str = ID, results: str = f'mx.{FAR}; {THEIRS}') -> EmailMessage:
    """Our message as the other side got it."""
    mail = EmailMessage()
    mail['Authentication-Results'] = results
    mail['From'], mail['Message-ID'] = f'alice@{HOST}', message_id
    mail.set_content('Please reply.\n')
    return mail


def stored(mail: EmailMessage, results: str = PASSED, way: str = 'ESMTPS') -> bytes:
    """A message as Dovecot stores what Postfix took."""
    head = (
        f'Return-Path: <carol@{FAR}>\nDelivered-To: alice@{HOST}\n'
        f'Received: from {HOST}\n\tby {HOST} with LMTP id abc\n\tfor <alice@{HOST}>\n'
        f'Received: from mail.{FAR} (unknown [203.0.113.20])\n'
        f'\tby {HOST} (Postfix) with {way} id 123\n\tfor <alice@{HOST}>\n'
        f'Authentication-Results: {HOST};\n\t{results}\n'
    )
    return head.encode() + mail.as_bytes()


def read(data: bytes) -> RoundTripAnswer | None:
    """The answer in a message."""
    return returned.read(data, ID, FAR)


def results(found: returned.Judgement | None) -> dict[str, tuple[str, str]]:
    """The results by their methods."""
    return {each.method: (each.result, each.domain) for each in found.results} if found else {}


def test_a_reply_is_judged_by_our_own_scanner() -> None:
    answer = read(stored(reply()))
    assert answer
    assert answer.sender == FAR
    assert results(answer.ours) == dict.fromkeys(METHODS, ('pass', FAR))
    assert answer.theirs is None
    assert answer.ours is not None
    assert answer.ours.is_good


@pytest.mark.parametrize('header', ['References', 'In_Reply_To'])
def test_a_reply_names_the_message(header: str) -> None:
    mail = reply()
    del mail['In-Reply-To']
    assert read(stored(mail)) is None
    mail[header.replace('_', '-')] = f'<older@{FAR}> {ID}'
    assert read(stored(mail))


def test_the_other_side_tells_by_a_copy() -> None:
    mail = reply()
    mail.add_attachment(copy())
    answer = read(stored(mail))
    assert answer
    assert answer.theirs
    assert answer.theirs.host == f'mx.{FAR}'
    assert results(answer.theirs) == {
        'spf': ('softfail', HOST), 'dkim': ('pass', HOST), 'dmarc': ('none', ''),
    }  # fmt: skip
    assert not answer.theirs.is_good


@pytest.mark.parametrize(
    ('made', 'judged'),
    [
        (copy('<other@example.test>'), False),
        (copy(results=''), False),
        (copy(results=f'mx.{FAR} "x; dmarc=pass'), False),
        (copy(results=f'{FAR}; dmarc=pass header.from={HOST}'), True),
    ],
)
def test_only_the_very_copy_counts(made: EmailMessage, judged: bool) -> None:
    mail = reply()
    mail.add_attachment(made)
    answer = read(stored(mail))
    assert answer
    assert bool(answer.theirs) is judged


@pytest.mark.parametrize(
    'proof',
    [
        f'dmarc=fail header.from={FAR}; spf=pass smtp.mailfrom=a@{FAR}',
        'spf=pass smtp.mailfrom=evil@elsewhere.test; dkim=pass header.d=elsewhere.test',
        'dkim=none; spf=none; dmarc=none',
    ],
)
def test_a_sender_who_is_not_proven_says_nothing_about_us(proof: str) -> None:
    mail = reply()
    mail.add_attachment(copy())
    answer = read(stored(mail, proof))
    assert answer
    assert (answer.sender, answer.theirs) == ('', None)


def test_another_sender_than_the_one_we_wrote_to_says_nothing_about_us() -> None:
    mail = reply()
    mail.replace_header('From', 'mallory@elsewhere.test')
    mail.add_attachment(copy())
    answer = read(stored(mail, 'dmarc=pass header.from=elsewhere.test'))
    assert answer
    assert (answer.sender, answer.theirs) == ('elsewhere.test', None)


def test_results_in_our_name_that_the_sender_wrote_do_not_count() -> None:
    mail = reply(Authentication_Results=f'{HOST}; dmarc=pass header.from={FAR}')
    answer = read(stored(mail, f'dmarc=fail header.from={FAR}'))
    assert answer
    assert (answer.sender, answer.ours) == ('', None)


def test_results_of_other_hosts_do_not_count() -> None:
    mail = reply(Authentication_Results=f'mx.{FAR}; dmarc=fail header.from={FAR}')
    answer = read(stored(mail))
    assert answer
    assert results(answer.ours)['dmarc'] == ('pass', FAR)


@pytest.mark.parametrize('way', ['ESMTPSA', 'ESMTPA', 'LMTP'])
def test_mail_of_our_own_users_is_no_answer(way: str) -> None:
    assert read(stored(reply(), way=way)) is None


def test_a_line_of_dovecot_below_the_first_is_not_passed_over() -> None:
    data = stored(reply()).replace(b'(Postfix) with ESMTPS id', b'with LMTP id')
    forged = f'Received: from x by {HOST} (Postfix) with ESMTPS id 1\n'.encode()
    assert read(data.replace(b'Authentication', forged + b'Authentication', 1)) is None


def bounce(message_id: str = ID, words_: str = 'smtp; 550 5.7.1 SPF\x1b[0m failed') -> bytes:
    """A report that the message was not delivered, as Postfix writes it."""
    return (
        f'From: MAILER-DAEMON@{HOST}\n'
        'Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n'
        '--b\nContent-Type: text/plain\n\nSorry.\n'
        f'--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; {HOST}\n\n'
        f'Action: failed\nDiagnostic-Code: {words_}\n\n'
        f'--b\nContent-Type: message/rfc822\n\nMessage-ID: {message_id}\n\nPlease reply.\n--b--\n'
    ).encode()


def test_a_bounce_tells_the_reason() -> None:
    answer = read(bounce())
    assert answer
    assert answer.is_bounce
    assert answer.refused == '550 5.7.1 SPF[0m failed'
    assert (answer.sender, answer.ours, answer.theirs) == ('', None, None)


def test_a_bounce_of_another_message_is_no_answer() -> None:
    assert read(bounce('<other@example.test>')) is None


def test_a_bounce_is_no_longer_than_a_page_shows() -> None:
    answer = read(bounce(words_='smtp; ' + 'x' * 10_000))
    assert answer
    assert len(answer.refused) == returned.LONGEST_WORDS


@pytest.mark.parametrize('said', ['dmarc=maybe', 'dmarc', 'dmarc=', 'xdmarc=pass', 'dmarc=passed'])
def test_a_result_without_a_sentence_is_missing(said: str) -> None:
    answer = read(stored(reply(), f'spf=pass smtp.mailfrom=a@{FAR}; {said}'))
    assert answer
    assert results(answer.ours)['dmarc'] == (MISSING, '')


@pytest.mark.parametrize('name', ['<script>', '../x', 'a' * 300, 'x y', '@', '..'])
def test_a_domain_that_is_none_is_left_out(name: str) -> None:
    answer = read(stored(reply(), f'spf=pass smtp.mailfrom={name}'))
    assert answer
    assert results(answer.ours).get('spf', ('', ''))[1] in ('', 'x')


def test_each_result_has_a_sentence() -> None:
    for method in METHODS:
        for result in (*RESULTS, MISSING):
            assert words.code(method, result) in words.RESULTS


@pytest.mark.parametrize('wrong', [{'result': 'good'}, {'domain': 'Example.TEST'}])
def test_a_result_is_valid_when_it_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r'result|normal form'):
        MethodResult('spf', **wrong)


WHOLE = reply()
WHOLE.add_attachment(copy())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=9), st.integers(0, 9))))
def test_any_message(changes: list[tuple[int, bytes, int]]) -> None:
    data = stored(WHOLE)
    for place, text, gone in changes:
        at = place % max(1, len(data))
        data = data[:at] + text + data[at + gone :]
    answer = read(data)
    assert answer is None or RoundTripAnswer.from_json(answer.to_json()) == answer


@given(st.binary(max_size=500))
def test_any_bytes(data: bytes) -> None:
    assert read(data) is None
