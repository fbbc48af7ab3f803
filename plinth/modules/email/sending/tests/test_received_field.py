# SPDX-License-Identifier: AGPL-3.0-or-later
"""How other servers note that they took a message, in the words of the usual ones."""

from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..received_field import ReceivedField, received_by_others

HOST, FAR = 'example.test', 'mx.outside.test'
POSTFIX = (
    f'from {HOST} ({HOST} [203.0.113.10]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384) '
    f'by {FAR} (Postfix) with ESMTPS id 4fPM for <carol@outside.test>'
)
GMAIL = (
    f'from {HOST} ({HOST}. [203.0.113.10]) by {FAR} with ESMTPS id a640 for <carol@outside.test> '
    '(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256)'
)
EXCHANGE = (
    f'from {HOST} (203.0.113.10) by {FAR} (10.167.16.107) with Microsoft SMTP Server '
    '(version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20'
)
EXIM = f'from {HOST} ([203.0.113.10]) by {FAR} with esmtps (TLS1.3) tls X (Exim 4.98) id 1t'


def copy(*lines: str) -> Message:
    mail = Message()
    for line in lines:
        mail['Received'] = line
    return mail


def test_a_line_of_postfix() -> None:
    assert received_by_others(copy(POSTFIX), HOST) == ReceivedField(FAR, HOST, True, False, HOST)


def test_a_line_of_gmail_below_inner_ones() -> None:
    inner = f'by 2002:a05:6a10:1 with SMTP id x; from {HOST}'
    assert received_by_others(copy(inner, GMAIL), HOST) == ReceivedField(
        FAR, HOST, True, False, HOST
    )


def test_a_line_of_exchange_tells_no_host_name() -> None:
    assert received_by_others(copy(EXCHANGE), HOST) == ReceivedField(FAR, HOST, True, False, None)


@pytest.mark.parametrize(
    ('start', 'reverse'),
    [
        (f'from {HOST} ([203.0.113.10])', HOST),
        (f'from host-10.isp.test ([203.0.113.10] helo={HOST})', 'host-10.isp.test'),
        (f'from [203.0.113.10] (helo={HOST})', ''),
    ],
)
def test_lines_of_exim(start: str, reverse: str) -> None:
    line = EXIM.replace(f'from {HOST} ([203.0.113.10])', start)
    assert received_by_others(copy(line), HOST) == ReceivedField(FAR, HOST, True, False, reverse)


def test_a_host_name_that_was_not_found_or_is_another_one() -> None:
    missing = received_by_others(copy(POSTFIX.replace(f'({HOST} [', '(unknown [')), HOST)
    assert missing is not None
    assert missing.reverse == ''
    other = received_by_others(copy(POSTFIX.replace(f'({HOST} [', '(host-10.isp.test [')), HOST)
    assert other is not None
    assert other.reverse == 'host-10.isp.test'


def test_a_conversation_without_encryption() -> None:
    line = f'from {HOST} (unknown [203.0.113.10]) by {FAR} (Postfix) with ESMTP id 4fPM'
    assert received_by_others(copy(line), HOST) == ReceivedField(FAR, HOST, False, False, '')


def test_a_relay_that_asked_for_a_login() -> None:
    found = received_by_others(copy(POSTFIX.replace('ESMTPS', 'ESMTPSA')), HOST)
    assert found is not None
    assert found.logged_in


def test_a_protocol_that_says_nothing() -> None:
    found = received_by_others(copy(f'from {HOST} (local) by {FAR} with magic id 1'), HOST)
    assert found == ReceivedField(FAR, HOST, None, False, None)


def test_the_lowest_line_counts_and_never_one_of_this_server() -> None:
    later = POSTFIX.replace(FAR, 'later.test').replace('ESMTPS', 'ESMTP')
    own = f'from {HOST} (localhost [127.0.0.1]) by {HOST} with LMTP id 1'
    found = received_by_others(copy(later, POSTFIX, own), HOST)
    assert found is not None
    assert found.by == FAR


@pytest.mark.parametrize(
    'line',
    ['', 'from', f'by {FAR} with SMTP', f'from elsewhere.test by {FAR} with SMTP',
     f'from {HOST} by a_b;! with SMTP', f'from {HOST}.evil.test by {FAR} with SMTP'],
)  # fmt: skip
def test_lines_that_tell_nothing(line: str) -> None:
    assert received_by_others(copy(line), HOST) is None


@given(st.text(max_size=300))
def test_hostile_lines_end(text: str) -> None:
    line = f'from {HOST} ({text}) by {FAR} with {text}'.replace('\r', ' ').replace('\n', ' ')
    found = received_by_others(copy(line), HOST)
    assert found is None or ReceivedField.from_json(found.to_json()) == found
