# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports as other mail servers send them, for tests of any kind."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

DOMAIN = 'example.test'
DAY = datetime(2026, 11, 20, tzinfo=UTC)

Row = tuple[str, int, bool, bool, bool]


def record(source: str, count: int, spf: bool, dkim: bool, signed: bool = True) -> str:
    """The record of one address in a report."""
    words = {True: 'pass', False: 'fail'}
    signature = (
        f'<dkim><domain>{DOMAIN}</domain><result>{words[dkim]}</result></dkim>' if signed else ''
    )
    return (
        f'<record><row><source_ip>{source}</source_ip><count>{count}</count>'
        f'<policy_evaluated><disposition>none</disposition><dkim>{words[dkim]}</dkim>'
        f'<spf>{words[spf]}</spf></policy_evaluated></row>'
        f'<identifiers><header_from>{DOMAIN}</header_from></identifiers>'
        f'<auth_results>{signature}<spf><domain>{DOMAIN}</domain><result>{words[spf]}</result>'
        '</spf></auth_results></record>'
    )


def dmarc(
    rows: Iterable[Row] = (('203.0.113.10', 5, True, True, True),),
    begin: datetime = DAY,
    report_id: str = 'r1',
    domain: str = DOMAIN,
) -> bytes:
    """An aggregate report on mail."""
    start = int(begin.timestamp())
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<feedback><version>1.0</version>'
        '<report_metadata><org_name>Outside</org_name><email>noreply@outside.test</email>'
        f'<report_id>{report_id}</report_id><date_range><begin>{start}</begin>'
        f'<end>{start + 86399}</end></date_range></report_metadata>'
        f'<policy_published><domain>{domain}</domain><adkim>r</adkim><aspf>r</aspf><p>none</p>'
        '<sp>none</sp><pct>100</pct></policy_published>'
        f'{"".join(record(*row) for row in rows)}</feedback>'
    ).encode()


def tls(
    works: int = 7,
    fails: int = 0,
    begin: datetime = DAY,
    report_id: str = 't1',
    domain: str = DOMAIN,
) -> bytes:
    """A report on encrypted delivery."""
    details = [{'result-type': 'certificate-expired', 'failed-session-count': fails}]
    return json.dumps({
        'organization-name': 'Outside',
        'date-range': {
            'start-datetime': begin.isoformat().replace('+00:00', 'Z'),
            'end-datetime': (begin + timedelta(days=1)).isoformat().replace('+00:00', 'Z'),
        },
        'contact-info': 'noreply@outside.test',
        'report-id': report_id,
        'policies': [{
            'policy': {'policy-type': 'sts', 'policy-domain': domain, 'mx-host': [domain]},
            'summary': {
                'total-successful-session-count': works,
                'total-failure-session-count': fails,
            },
            'failure-details': details if fails else [],
        }],
    }).encode()  # fmt: skip


def zipped(*contents: bytes) -> bytes:
    """Files in a zip, as most senders pack them."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f'report{number}.xml', content)
    return target.getvalue()


class _Stream(io.RawIOBase):
    """A target that cannot be gone back in, as when a zip is sent while it is written."""

    def __init__(self) -> None:
        self.data = b''

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += bytes(data)
        return len(data)


def archive(*entries: tuple[str, bytes], stream: bool = False) -> bytes:
    """A zip of entries with their names, as a desktop program packs it."""
    target = _Stream() if stream else io.BytesIO()
    with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries:
            packed.writestr(name, content)
    return target.data if isinstance(target, _Stream) else target.getvalue()


def bomb(megabytes: int = 64) -> bytes:
    """A small file that unpacks to a large one."""
    return gzip.compress(b'<feedback>' + b' ' * (megabytes << 20))


def letter(
    content: bytes,
    recipient: str = f'mail-reports@{DOMAIN}',
    sender: str = 'noreply@outside.test',
    kind: tuple[str, str] = ('application', 'gzip'),
) -> EmailMessage:
    """The mail a report is sent in."""
    mail = EmailMessage()
    mail['From'], mail['To'] = sender, recipient
    mail['Subject'] = f'Report Domain: {DOMAIN}'
    mail.set_content('This is a report.\n')
    mail.add_attachment(content, *kind, filename='report')
    return mail


def arrived(mail: EmailMessage, results: str = 'dmarc=pass header.from=outside.test') -> bytes:
    """A mail as Postfix puts it into the folder for reports."""
    recipient = str(mail['To'])
    head = (
        f'Return-Path: <noreply@outside.test>\nX-Original-To: {recipient}\n'
        f'Delivered-To: reader@reports.invalid\n'
        f'Received: from mail.outside.test (unknown [203.0.113.20])\n'
        f'\tby {DOMAIN} (Postfix) with ESMTP id 123\n\tfor <{recipient}>\n'
        f'Authentication-Results: {DOMAIN};\n\t{results}\n'
    )
    return head.encode() + mail.as_bytes()
