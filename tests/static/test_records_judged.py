# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of DNS records against other programs that judge them: dkimpy and checkdmarc.

The table says what the RFCs say. Where a program differs, the difference is named here.
"""

import re
from typing import Any

import pytest

from plinth.modules.email.dns.tests.table import CASES, Case, filled

dkim = pytest.importorskip('dkim')
dmarc = pytest.importorskip('checkdmarc.dmarc')
mta_sts = pytest.importorskip('checkdmarc.mta_sts')
tls_rpt = pytest.importorskip('checkdmarc.smtp_tls_reporting')

VERIFIES = {'right', 'dkim-testing', 'dkim-hash', 'dkim-service', 'key-not-ready'}
"""dkimpy looks at `h` only with a signature at hand, and knows a service that is not email."""
ANOTHER_KEY = 'dkim-other'
VERSION_LATER = 'k=rsa; v=DKIM1'
"""dkimpy takes the version anywhere, RFC 6376 (3.6.1) first only."""
WORKS = {'right', 'dmarc-stricter', 'dmarc-inherited', 'dmarc-milder', 'dmarc-testing',
         'dmarc-part', 'dmarc-no-reports', 'dmarc-reports-elsewhere', 'mta-sts-old'}  # fmt: skip
REMARKS = ('an idea', 'fo=9', 'sp=nothing', 'rua=mail-reports')
"""Of a record that receivers read without these, checkdmarc calls the whole an error."""
LENIENT = (' v=DMARC1', 'v=DMARC1; np=reject')
"""checkdmarc takes these, which receivers ignore."""


def text(case: Case) -> str:
    """The one text of a case, its strings in one piece."""
    line = filled(case.zone[0], {'id': '20260101'})
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
    return re.sub(r'\\(.)', r'\1', ''.join(strings))


def of(role: str) -> list[Case]:
    """The cases of one kind with one text at its own name."""
    found = [each for each in CASES if each.role == role and len(each.zone) == 1]
    return [
        each for each in found
        if not each.zone[0].startswith('*') and not each.code.startswith('missing')
    ]  # fmt: skip


@pytest.mark.parametrize('case', of('dkim-k'))
def test_dkimpy_reads_the_keys_that_are_called_right(case: Case) -> None:
    try:
        dkim.evaluate_pk('k', text(case).encode())
    except dkim.KeyFormatError:
        is_key = False
    else:
        is_key = True
    if case.code != ANOTHER_KEY and not text(case).startswith(VERSION_LATER):
        assert is_key is (case.code in VERIFIES)


@pytest.mark.parametrize('case', of('dmarc'))
def test_checkdmarc_reads_the_policies_that_are_called_right(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dmarc, 'verify_dmarc_report_destination', lambda *_args, **_more: True)
    monkeypatch.setattr(dmarc, 'get_mx_records', lambda *_args, **_more: [{'hostname': 'mx'}])
    found = text(case)
    try:
        dmarc.parse_dmarc_record(found, 'example.test')
    except dmarc.DMARCError:
        is_policy = False
    else:
        is_policy = True
    if not any(each in found for each in REMARKS) and not found.startswith(LENIENT):
        assert is_policy is (case.code in WORKS)


@pytest.mark.parametrize(
    ('case', 'parse', 'error'),
    [
        *((case, mta_sts.parse_mta_sts_record, mta_sts.MTASTSError) for case in of('mta-sts')),
        *((case, tls_rpt.parse_smtp_tls_reporting_record, tls_rpt.SMTPTLSReportingError)
          for case in of('tls-rpt')),
    ],
)  # fmt: skip
def test_checkdmarc_reads_the_records_about_encryption_that_are_called_right(
    case: Case, parse: Any, error: type[Exception]
) -> None:
    try:
        parse(text(case))
    except error:
        is_record = False
    else:
        is_record = True
    assert is_record is (case.code in WORKS)
