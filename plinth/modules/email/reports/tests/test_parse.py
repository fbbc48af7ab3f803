# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hostile archives and texts: understood, or refused in words, in bounded time and memory."""

import gzip
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plinth.modules.email.errors import MailError
from plinth.modules.email.reports import collect, dmarc, reject_reason, tlsrpt, unpack
from plinth.modules.email.reports.head import MOST_MESSAGES

from . import samples

OWN = '203.0.113.10'
GOOD = samples.dmarc([(OWN, 5, True, True, True), ('192.0.2.9', 2, False, False, False)])
TLS = samples.tls(7, 2)


def refused(act: Callable[[], object]) -> str:
    """The code something is refused with."""
    with pytest.raises(MailError) as caught:
        act()
    assert caught.value.code in reject_reason.REASONS
    return caught.value.code


@pytest.mark.parametrize(
    'pack', [bytes, gzip.compress, samples.zipped], ids=['plain', 'gzip', 'zip']
)
def test_a_report_in_all_its_wrappings(pack: Callable[[bytes], bytes]) -> None:
    (report,) = collect.parse(pack(GOOD))
    assert isinstance(report, dmarc.DmarcReport)
    assert (report.domain, report.organisation, report.report_id) == (
        samples.DOMAIN,
        'Outside',
        'r1',
    )
    assert report.day == samples.DAY.date()
    assert (report.passing, report.failing) == (5, 2)
    assert [row.signed for row in report.rows] == [True, False]
    (sessions,) = collect.parse(pack(TLS))
    assert isinstance(sessions, tlsrpt.TlsReport)
    assert (sessions.works, sessions.fails) == ({'sts': 7}, {'sts': 2})
    assert sessions.failures == (tlsrpt.Failure('certificate-expired', 2),)


def test_the_same_source_is_one_row() -> None:
    row = (OWN, 3, True, False, True)
    report = dmarc.parse(samples.dmarc([row] * 400))
    assert [(each.source, each.count) for each in report.rows] == [(OWN, 1200)]


def test_addresses_have_one_form() -> None:
    report = dmarc.parse(samples.dmarc([('2001:DB8:0::1', 1, True, True, True)]))
    assert report.rows[0].source == '2001:db8::1'


@pytest.mark.parametrize('report', [dmarc.parse(GOOD), *tlsrpt.parse(TLS)])
def test_what_is_kept_is_what_was_read(report: dmarc.DmarcReport | tlsrpt.TlsReport) -> None:
    text = json.dumps(report.to_json())
    assert type(report).from_json(json.loads(text)) == report


BIG = b'<feedback>' + b'x' * (unpack.MOST_UNPACKED + 1)
PACKED = {
    'a bomb': (samples.bomb(), 'report-bomb'),
    'a bomb in a zip': (samples.zipped(b' ' * (64 << 20)), 'report-bomb'),
    'repetition within the limit': (gzip.compress(b'a' * (2 << 20)), 'report-bomb'),
    'several in a zip': (samples.zipped(GOOD, GOOD), 'report-many'),
    'several in a gzip': (gzip.compress(GOOD) * 2, 'report-many'),
    'cut off': (gzip.compress(GOOD)[:-9], 'report-garbage'),
    'cut off zip': (samples.zipped(GOOD)[:60], 'report-garbage'),
    'a head only': (b'PK\x03\x04', 'report-garbage'),
    'encrypted': (b'PK\x03\x04\x14\x00\x01\x00\x08\x00' + bytes(40), 'report-garbage'),
    'larger than allowed': (BIG, 'report-too-big'),
    'packed and still large': (b'\x1f\x8b' + bytes(unpack.MOST_PACKED), 'report-too-big'),
}  # fmt: skip


@pytest.mark.parametrize(('data', 'code'), PACKED.values(), ids=PACKED)
def test_what_is_packed_with_bad_intent(data: bytes, code: str) -> None:
    assert refused(lambda: unpack.unpack(data)) == code


def test_a_bomb_takes_no_memory() -> None:
    data = samples.bomb(512)
    tracemalloc.start()
    started = time.process_time()
    assert refused(lambda: unpack.unpack(data)) == 'report-bomb'
    assert time.process_time() - started < 2
    assert tracemalloc.get_traced_memory()[1] < 5 * unpack.MOST_UNPACKED
    tracemalloc.stop()


LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><feedback>&c;</feedback>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><feedback>&b;</feedback>'
XML = {
    'entities': (LAUGHS, 'report-garbage'),
    'a file of ours': (OUTSIDE, 'report-garbage'),
    'no document': (b'<feedback>', 'report-garbage'),
    'nothing': (b'', 'report-garbage'),
    'another document': (b'<html/>', 'report-garbage'),
    'an encoding nobody knows': (b'<?xml version="1.0" encoding="x-no"?><a/>', 'report-garbage'),
    'a domain that is none': (
        GOOD.replace(b'<domain>example.test</domain><adkim>', b'<domain>../etc</domain><adkim>'),
        'report-garbage',
    ),
    'a time that ends before it begins': (
        GOOD.replace(b'<end>1', b'<end>0'), 'report-garbage',
    ),
    'a time nobody will see': (GOOD.replace(b'<begin>', b'<begin>9999999'), 'report-garbage'),
    'deep': (b'<a>' * 5000 + b'</a>' * 5000, 'report-many'),
    'wide': (b'<feedback>' + b'<a/>' * 210_000 + b'</feedback>', 'report-many'),
}  # fmt: skip


TYPES = ('<!DOCTYPE feedback>', '<!DOCTYPE feedback SYSTEM "http://evil.test/x.dtd">')


@pytest.mark.parametrize('type_', TYPES)
def test_a_document_type_alone_is_refused(type_: str) -> None:
    data = GOOD.replace(b'<feedback>', f'{type_}<feedback>'.encode())
    assert refused(lambda: dmarc.parse(data)) == 'report-garbage'


@pytest.mark.parametrize(('data', 'code'), XML.values(), ids=XML)
def test_xml_with_bad_intent(data: bytes, code: str) -> None:
    assert refused(lambda: dmarc.parse(data)) == code


SECOND = samples.record('192.0.2.9', 2, False, False).encode()
ROWS = {
    'no address': (GOOD.replace(OWN.encode(), b'everywhere'), [('', 5), ('192.0.2.9', 2)], 0),
    'no count': (GOOD.replace(b'>5<', b'>many<'), [('192.0.2.9', 2)], 1),
    'too many messages': (GOOD.replace(b'>5<', b'>99999999999<'), [('192.0.2.9', 2)], 1),
    'fewer than none': (GOOD.replace(b'>5<', b'>-5<'), [('192.0.2.9', 2)], 1),
    'digits without end': (GOOD.replace(b'>5<', b'>' + b'9' * 5000 + b'<'),
                           [('192.0.2.9', 2)], 1),
}  # fmt: skip


@pytest.mark.parametrize(('data', 'rows', 'unread'), ROWS.values(), ids=ROWS)
def test_a_row_that_cannot_be_read_costs_no_other(
    data: bytes, rows: list[tuple[str, int]], unread: int
) -> None:
    report = dmarc.parse(data)
    assert sorted((row.source, row.count) for row in report.rows) == rows
    assert report.unread == unread


RECORD = samples.record(OWN, 5, True, True)
AUTH = RECORD[RECORD.index('<auth_results>') : RECORD.index('</record>')]
FOREIGN = (
    '<auth_results><row><source_ip>192.0.2.66</source_ip><count>900</count></row>'
    '<dkim>fail</dkim><spf>fail</spf><header_from>evil.test</header_from></auth_results>'
)
ELSEWHERE = {
    'results before the row': RECORD.replace(AUTH, '').replace('<record>', f'<record>{AUTH}'),
    'a row among the results': RECORD.replace('<record>', f'<record>{FOREIGN}'),
    'values right in the record': RECORD.replace('<record>', '<record><count>900</count>'),
    'a record inside a record': RECORD.replace('</record>', f'<x>{RECORD}</x></record>'),
    'a record inside something else': f'{RECORD}<extension>{RECORD}</extension>',
}


@pytest.mark.parametrize('record', ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_row_is_taken_from_its_own_place_only(record: str) -> None:
    data = samples.dmarc([]).replace(b'</feedback>', f'{record}</feedback>'.encode())
    assert dmarc.parse(data).rows == (dmarc.DmarcRow(OWN, 5, spf=True, dkim=True, signed=True),)


@pytest.mark.parametrize(
    ('signer', 'shown', 'signed'),
    [
        ('example.test', 'example.test', True),
        ('mail.example.test', 'example.test', True),
        ('example.test.', 'Mail.Example.test', True),
        ('notexample.test', 'example.test', False),
        ('example.test', 'notexample.test', False),
        ('example.test.evil.test', 'example.test', False),
        ('', 'example.test', False),
        ('example.test', '', False),
    ],
)
def test_only_a_signature_in_our_name_is_ours(signer: str, shown: str, signed: bool) -> None:
    record = samples.record(OWN, 5, False, False)
    record = record.replace(f'<dkim><domain>{samples.DOMAIN}', f'<dkim><domain>{signer}').replace(
        f'<header_from>{samples.DOMAIN}', f'<header_from>{shown}'
    )
    data = samples.dmarc([]).replace(b'</feedback>', f'{record}</feedback>'.encode())
    (row,) = dmarc.parse(data).rows
    assert row.signed is signed


@pytest.mark.parametrize(
    'wrong',
    [{'count': -1}, {'count': 0}, {'count': MOST_MESSAGES + 1}, {'source': '2001:DB8::1'},
     {'source': 'everywhere'}, {'source': f'::ffff:{OWN}'}, {'disposition': 'delete'}],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {'source': OWN, 'count': 1, 'spf': True, 'dkim': True}
    assert dmarc.DmarcRow(**right).passes
    with pytest.raises(ValueError):  # noqa: PT011 - of ours or of the library for addresses
        dmarc.DmarcRow(**{**right, **wrong})


@pytest.mark.parametrize('count', [-1, 0, MOST_MESSAGES + 1])
def test_a_failure_without_sessions_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match='Not a failure'):
        tlsrpt.Failure('certificate-expired', count)


@pytest.mark.parametrize('which', ['works', 'fails'])
@pytest.mark.parametrize('count', [-1, MOST_MESSAGES + 1])
def test_sessions_fewer_than_none_are_refused(which: str, count: int) -> None:
    (report,) = tlsrpt.parse(TLS)
    wrong: dict[str, Any] = {which: {'sts': count}}
    with pytest.raises(ValueError, match='counts sessions'):
        replace(report, **wrong)


def test_rows_none_of_which_can_be_read_are_no_report() -> None:
    data = samples.dmarc([(OWN, 5, True, True, True)]).replace(b'>5<', b'>five<')
    assert refused(lambda: dmarc.parse(data)) == 'report-garbage'


def test_sources_beyond_those_that_are_kept_are_added_up() -> None:
    strangers = [(f'10.0.{n // 250}.{n % 250}', 2, False, False, False) for n in range(1500)]
    report = dmarc.parse(samples.dmarc([*strangers, (OWN, 1, True, True, True)]))
    assert (report.passing, report.failing) == (1, 3000)
    rest = [row.count for row in report.rows if not row.source]
    assert (len(report.rows), rest) == (1001, [2 * 501])
    assert OWN in {row.source for row in report.rows}, 'what concerns us is never added up first'


def test_ipv4_is_ipv4_however_it_is_written() -> None:
    report = dmarc.parse(samples.dmarc([(f'::ffff:{OWN}', 3, True, True, True)]))
    assert [row.source for row in report.rows] == [OWN]


TEXT = GOOD.decode()
BODY = TEXT.partition('?>')[2].lstrip()
MEANT = {
    'a comment first': f'<!-- made by x -->{BODY}'.encode(),
    'UTF-16': TEXT.replace('UTF-8', 'UTF-16').encode('utf-16'),
    'UTF-16 without a mark': BODY.encode('utf-16-le'),
    'said to be UTF-16': TEXT.replace('UTF-8', 'UTF-16').encode(),
    'said to be an encoding nobody knows': TEXT.replace('UTF-8', 'x-none').encode(),
    'said to be UTF-8': TEXT.replace('Outside', 'Oútside').encode('latin-1'),
    'a prefix': BODY.replace('<feedback>', '<ns0:feedback xmlns:ns0="urn:x">')
    .replace('</feedback>', '</ns0:feedback>').encode(),
    'a prefix nobody declared': BODY.replace('<', '<f:').replace('<f:/', '</f:').encode(),
    'an open tag of a schema': BODY.replace(
        '<feedback>', '<feedback><xs:schema xmlns:xs="http://x" targetNamespace="y">').encode(),
    'a bare ampersand': TEXT.replace('Outside', 'A&T').encode(),
    'blank lines first': b'\r\n \xef\xbb\xbf'[2:] + GOOD,
    'a name space': BODY.replace('<feedback>', '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">'
                                 ).encode(),
}  # fmt: skip


@pytest.mark.parametrize('data', MEANT.values(), ids=MEANT)
def test_what_a_clumsy_program_meant(data: bytes) -> None:
    (report,) = collect.parse(data)
    assert isinstance(report, dmarc.DmarcReport)
    assert (report.passing, report.failing) == (5, 2)
    assert unpack.is_plain(data)


PACKINGS = {
    'line ends behind gzip': gzip.compress(GOOD) + b'\r\n\r\n',
    'a folder first': samples.archive(('x/', b''), ('x/r.xml', GOOD)),
    'the files of a Mac': samples.archive(('r.xml', GOOD), ('__MACOSX/._r.xml', b'\0\5')),
    'a Mac\'s folder, streamed': samples.archive(('x/', b''), ('r.xml', GOOD), stream=True),
}  # fmt: skip


@pytest.mark.parametrize('data', PACKINGS.values(), ids=PACKINGS)
def test_what_a_clumsy_program_packed(data: bytes) -> None:
    assert unpack.unpack(data) == GOOD


def test_folders_without_end() -> None:
    many = samples.archive(*((f'{n}/', b'') for n in range(5000)), ('r.xml', GOOD))
    assert refused(lambda: unpack.unpack(many)) == 'report-many'


def change(**values: object) -> bytes:
    """A report on sessions with some values changed."""
    return json.dumps(json.loads(TLS) | values).encode()


JSON = {
    'a list': (b'[]', 'report-garbage'),
    'nothing': (b'', 'report-garbage'),
    'deep': (b'[' * 100_000, 'report-garbage'),
    'no policies': (change(policies=[]), 'report-garbage'),
    'policies that are none': (change(policies='x'), 'report-garbage'),
    'policies that are numbers': (change(policies=[1, 2]), 'report-garbage'),
    'policies of many domains': (
        change(policies=[{'policy': {'policy-domain': f'd{n}.test'}} for n in range(51)]),
        'report-many',
    ),
    'no time': (change(**{'date-range': {}}), 'report-garbage'),
    'a time that is none': (
        change(**{'date-range': {'start-datetime': 'x', 'end-datetime': 'y'}}), 'report-garbage',
    ),
    'half a session': (TLS.replace(b': 7', b': 7.5'), 'report-garbage'),
    'no number': (TLS.replace(b': 7', b': NaN'), 'report-garbage'),
    'true': (TLS.replace(b': 7', b': true'), 'report-garbage'),
    'a number without end': (TLS.replace(b': 7', b': ' + b'7' * 5000), 'report-garbage'),
    'not text': (b'{"a": "\xff"}', 'report-garbage'),
    'large': (b'{' + b' ' * tlsrpt.LONGEST_TEXT, 'report-too-big'),
}  # fmt: skip


@pytest.mark.parametrize(('data', 'code'), JSON.values(), ids=JSON)
def test_json_with_bad_intent(data: bytes, code: str) -> None:
    assert refused(lambda: tlsrpt.parse(data)) == code


def test_policies_and_failures_without_number_are_added_up() -> None:
    (policy,) = json.loads(TLS)['policies']
    details = [{'result-type': f'reason {n:03}', 'failed-session-count': n + 1} for n in range(250)]
    (report,) = tlsrpt.parse(
        change(policies=[policy] * 60 + [policy | {'failure-details': details}])
    )
    assert (report.works, report.fails) == ({'sts': 61 * 7}, {'sts': 61 * 2})
    assert len(report.failures) == tlsrpt.MOST_FAILURES
    assert report.failures[0] == tlsrpt.Failure('reason 249', 250)
    assert sum(each.count for each in report.failures) == 60 * 2 + sum(range(1, 251))
    assert report.failures[-1].reason == tlsrpt.OTHER


@pytest.mark.parametrize(
    'wrong',
    [
        {'summary': {'total-successful-session-count': -5, 'total-failure-session-count': 2}},
        {'summary': {'total-successful-session-count': 7, 'total-failure-session-count': -1}},
        {'failure-details': [{'result-type': 'certificate-expired', 'failed-session-count': -1}]},
    ],
    ids=['works', 'fails', 'reasons'],
)
def test_a_number_below_none_is_not_hidden_in_a_sum(wrong: dict[str, Any]) -> None:
    (policy,) = json.loads(TLS)['policies']
    assert tlsrpt.parse(change(policies=[policy, policy]))
    data = change(policies=[policy, policy, {**policy, **wrong}])
    assert refused(lambda: tlsrpt.parse(data)) == 'report-garbage'


def test_several_domains_are_several_reports() -> None:
    (policy,) = json.loads(TLS)['policies']
    other = json.loads(json.dumps(policy).replace(samples.DOMAIN, 'second.test'))
    reports = tlsrpt.parse(change(policies=[policy, other, policy]))
    assert [(each.domain, each.works['sts']) for each in reports] == [
        (samples.DOMAIN, 14), ('second.test', 7),
    ]  # fmt: skip


PATTERNS = ('<', '<a', '<a ', '<xs:schema', '&', '<?xml', 'a', ' ', '<a:', '</', '<!--', '{', '"')


@pytest.mark.parametrize('sign', PATTERNS)
def test_a_megabyte_of_one_sign_takes_no_time(sign: str) -> None:
    began = time.process_time()
    for start in (b'<feedback>', b''):
        data = start + sign.encode() * (1_000_000 // len(sign))
        with pytest.raises(MailError):
            collect.parse(data)
        dmarc.mended(data)
    assert time.process_time() - began < 8


def try_all(data: bytes) -> None:
    """Read data as a report; whatever is wrong with it is one of our refusals."""
    started = time.process_time()
    try:
        reports = collect.parse(data)
    except MailError as error:
        assert error.code in reject_reason.REASONS  # noqa: PT017
    else:
        for report in reports:
            assert type(report).from_json(json.loads(json.dumps(report.to_json()))) == report
    assert time.process_time() - started < 5


@given(st.binary(max_size=2000))
@example(b'PK\x03\x04' + bytes(26) + b'\xff')
def test_any_bytes(data: bytes) -> None:
    try_all(data)


WRAPPED = (
    GOOD,
    gzip.compress(GOOD, mtime=0),
    samples.zipped(GOOD),
    TLS,
    gzip.compress(TLS, mtime=0),
)


@settings(max_examples=400, deadline=timedelta(seconds=5))
@given(
    st.sampled_from(WRAPPED),
    st.lists(
        st.tuples(st.integers(0, 2000), st.binary(max_size=8), st.integers(0, 12)), max_size=6
    ),
)
def test_reports_with_bytes_changed(data: bytes, changes: list[tuple[int, bytes, int]]) -> None:
    for place, text, gone in changes:
        at = place % len(data)
        data = data[:at] + text + data[at + gone :] or b'<'
    try_all(data)


@given(st.binary(max_size=1000), st.sampled_from([b'<feedback>', b'{"policies":', b'<?xml ']))
def test_packed_garbage(data: bytes, start: bytes) -> None:
    try_all(zlib.compress(start + data, wbits=31))
    try_all(samples.zipped(start + data))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@settings(max_examples=300, deadline=timedelta(seconds=5))
@given(st.sampled_from(['policies', 'date-range', 'report-id', 'organization-name']), _VALUES)
def test_json_with_any_values(key: str, value: object) -> None:
    try_all(json.dumps(json.loads(TLS) | {key: value}).encode())


@settings(max_examples=300, deadline=timedelta(seconds=5))
@given(st.sampled_from(['policy', 'summary', 'failure-details']), _VALUES)
def test_policies_with_any_values(key: str, value: object) -> None:
    found = json.loads(TLS)
    found['policies'][0][key] = value
    try_all(json.dumps(found).encode())
