# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail around a report: for whom, from whom, and whether that is proven."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plinth.modules.email.errors import MailError
from plinth.modules.email.reports import message, reject_reason

from . import samples

CONTENT = samples.zipped(samples.dmarc())
ARRIVED = samples.arrived(samples.letter(CONTENT))


def code(data: bytes) -> str:
    """Why a mail does not count, '' if it does."""
    try:
        message.read(data)
    except MailError as error:
        return error.code
    return ''


@pytest.mark.parametrize(
    'kind',
    [('application', 'zip'), ('application', 'octet-stream'), ('text', 'html'), ('image', 'png')],
)
def test_content_is_known_by_what_it_is(kind: tuple[str, str]) -> None:
    found = message.read(samples.arrived(samples.letter(CONTENT, kind=kind)))
    assert found == message.Letter(samples.DOMAIN, 'outside.test', (CONTENT,))


@pytest.mark.parametrize(
    'results',
    [
        'dmarc=pass (policy=none) header.from=outside.test',
        'dkim=pass header.d=outside.test header.s=s; dmarc=none',
        'dkim=fail header.d=x.test; spf=pass (some words) smtp.mailfrom=a@bounce.outside.test',
        'spf=pass smtp.mailfrom=noreply@outside.test; dkim=none',
        'spf=pass (x: domain of "prvs=1=a@outside.test" designates 192.0.2.1 as permitted sender)'
        ' smtp.mailfrom="prvs=1=a@outside.test"; dkim=none',
        'spf=pass smtp.mailfrom="bounce+mail-reports=example.test@bounce.outside.test"',
        'spf=pass smtp.mailfrom="SRS0=HHH=TT=elsewhere.test=a@outside.test"',
        'dkim=fail ("body hash did not verify") header.d=list.test header.b="ab/c+d=="; '
        'dkim=pass header.d=outside.test header.b="x/y="',
    ],
)
def test_what_proves_a_sender(results: str) -> None:
    assert code(samples.arrived(samples.letter(CONTENT), results)) == ''


@pytest.mark.parametrize(
    'results',
    [
        '',
        'dkim=none; spf=none; dmarc=none',
        'dmarc=fail header.from=outside.test',
        'dmarc=fail header.from=outside.test; spf=pass smtp.mailfrom=a@outside.test',
        'spf=pass smtp.mailfrom=evil@elsewhere.test',
        'dkim=pass header.d=notoutside.test',
        'dkim=pass header.d=test',
        'spf=softfail smtp.mailfrom=a@outside.test',
        'spf=fail (dmarc=pass header.from=outside.test)',
        'spf=fail smtp.mailfrom="x; dmarc=pass header.from=outside.test "@evil.test',
        'spf=fail (unclosed ; dmarc=pass header.from=outside.test',
        'spf=fail \\(; dmarc=pass header.from=outside.test',
        # A backslash of the sender's is not escaped by the scanner, so it ends the quotes.
        'spf=fail smtp.mailfrom="\\\\"; dmarc=pass header.from=outside.test; x="y@evil.test"',
        'spf=fail (x: domain of "a) ; dmarc=pass header.from=outside.test (b@evil.test" does) '
        'smtp.mailfrom="a) ; dmarc=pass header.from=outside.test (b@evil.test"',
        'spf=pass smtp.mailfrom="a smtp.mailfrom=b@outside.test c@evil.test"',
        'spf=pass smtp.mailfrom="a smtp.mailfrom=b@outside.test"',
        'spf=pass smtp.mailfrom="=dmarc=pass=outside.test@evil.test"',
        'x=' + 'y' * 20_000 + '; dmarc=pass header.from=outside.test',
    ],
)
def test_what_proves_nothing(results: str) -> None:
    assert code(samples.arrived(samples.letter(CONTENT), results)) == 'report-unproven'


@pytest.mark.parametrize(
    ('name', 'counts'),
    [
        ('outside.test', True),
        ('bounce@mail.outside.test', True),
        ('reports.outside.test.', True),
        ('notoutside.test', False),
        ('bounce@notoutside.test', False),
        ('outside.test.evil.test', False),
        ('test', False),
        ('', False),
    ],
)
def test_a_name_like_the_senders_is_another(name: str, counts: bool) -> None:
    assert message._is_of(name, 'outside.test') is counts


@pytest.mark.parametrize(('name', 'counts'), [('outside.test', True), ('side.test', False)])
def test_a_name_above_the_senders_ends_at_a_dot(name: str, counts: bool) -> None:
    assert message._is_of(name, 'mail.outside.test') is counts


@pytest.mark.parametrize(
    ('old', 'new', 'wanted'),
    [
        (b'Authentication-Results: example.test', b'Authentication-Results: outside.test',
         'report-unproven'),
        (b'with ESMTP id', b'with ESMTPSA id', 'report-unproven'),
        (b'by example.test (Postfix)', b'by example.test (Sendmail)', 'report-unproven'),
        (b'From: noreply@outside.test', b'From: a@outside.test, b@c.test', 'report-unproven'),
        (b'From: noreply@outside.test', b'From: nobody', 'report-unproven'),
        (b'X-Original-To: mail-reports@example.test', b'X-Original-To: nobody', 'report-garbage'),
        (b'X-Original-To: mail-reports@example.test', b'X-Original-To: a@../b', 'report-garbage'),
        (b'with ESMTP id', b'with ESMTPS id', ''),
        (b'From: noreply@outside.test', b'From: a@outside.test (DMARC, reporter)', ''),
        (b'From: noreply@outside.test', 'From: Prüfer <a@outside.test>'.encode(), ''),
        (b'From: noreply@outside.test', b'From: Pr\xfcfer <a@outside.test>', ''),
        (b'From: noreply@outside.test', b'From: "a@b.test, x" <a@outside.test>', ''),
        (b'From: noreply@outside.test', b'From: <a(x)@outside.test>', ''),
        (b'From: noreply@outside.test', b'From: a@elsewhere.test', 'report-unproven'),
        (b'From: noreply@outside.test', b'From: a@outside.test <a@elsewhere.test>',
         'report-unproven'),
        (b'From: noreply@outside.test', b'From: <a@outside.test', 'report-unproven'),
        (b'From: noreply@outside.test', b'From: a@outside.test (open', 'report-unproven'),
        (b'From: noreply@outside.test', b'From: a@outside.test\nFrom: a@outside.test',
         'report-unproven'),
    ],
)  # fmt: skip
def test_headers(old: bytes, new: bytes, wanted: str) -> None:
    assert old in ARRIVED
    assert code(ARRIVED.replace(old, new)) == wanted


def test_two_results_in_our_name_are_one_too_many() -> None:
    mail = samples.letter(CONTENT)
    mail['Authentication-Results'] = f'{samples.DOMAIN}; dmarc=pass header.from=outside.test'
    assert code(samples.arrived(mail, 'dmarc=fail header.from=outside.test')) == 'report-unproven'


def test_no_report() -> None:
    assert code(samples.arrived(samples.letter(b'hello'))) == 'report-none'


def test_all_reports_of_a_mail_are_found() -> None:
    mail = samples.letter(CONTENT)
    other = samples.zipped(samples.dmarc(report_id='second'))
    mail.add_attachment(other, 'application', 'zip')
    assert message.read(samples.arrived(mail)).contents == (CONTENT, other)


def test_a_header_of_nothing_but_signs_takes_no_time() -> None:
    for sign in ('(', '"', '\\', '(a)', '""', 'a@', '<', ' ', '\n ('):
        began = time.process_time()
        head = f'From: {sign * (1_000_000 // len(sign))}x\n'.encode()
        assert code(ARRIVED.replace(b'From: noreply@outside.test\n', head)) == 'report-unproven'
        results = f'\tspf=pass {sign.strip() * (1_000_000 // len(sign))}\n'.encode()
        code(ARRIVED.replace(b'\tdmarc=pass header.from=outside.test\n', results))
        assert time.process_time() - began < 3, sign


def test_parts_without_end() -> None:
    mail = samples.letter(CONTENT)
    mail.clear_content()
    for _number in range(200):
        mail.add_attachment(b'', 'text', 'plain')
    mail.add_attachment(CONTENT, 'application', 'zip')
    assert code(samples.arrived(mail)) == 'report-none'


def test_a_mail_of_nothing_but_depth() -> None:
    nested = b''.join(
        b'Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n' % (n, n) for n in range(3000)
    )
    head = ARRIVED.partition(b'\n\n')[0]
    head = b'\n'.join(line for line in head.split(b'\n') if not line.startswith(b'Content-Type'))
    assert code(head.replace(b'MIME-Version', b'X-No') + b'\n' + nested) in reject_reason.REASONS


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=9), st.integers(0, 9))))
def test_any_mail(changes: list[tuple[int, bytes, int]]) -> None:
    data = ARRIVED
    for place, text, gone in changes:
        at = place % max(1, len(data))
        data = data[:at] + text + data[at + gone :]
    assert code(data) in {'', *reject_reason.REASONS}


@given(st.binary(max_size=500))
def test_any_bytes(data: bytes) -> None:
    assert code(data) in reject_reason.REASONS
