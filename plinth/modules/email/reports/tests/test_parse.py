# SPDX-License-Identifier: AGPL-3.0-or-later
"""What strangers pack and write: understood, or refused in words, in bounded time and memory."""

import gzip
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plinth.modules.email.errors import MailError
from plinth.modules.email.reports import collect, dmarc, refusal, tlsrpt, unpack

from . import samples

OWN = '203.0.113.10'
GOOD = samples.dmarc([(OWN, 5, True, True, True), ('192.0.2.9', 2, False, False, False)])
TLS = samples.tls(7, 2)


def refused(act: Callable[[], object]) -> str:
    """Return the code something is refused with."""
    with pytest.raises(MailError) as caught:
        act()
    assert caught.value.code in refusal.REASONS
    return caught.value.code


@pytest.mark.parametrize(
    'pack', [bytes, gzip.compress, samples.zipped], ids=['plain', 'gzip', 'zip']
)
def test_a_report_in_all_its_wrappings(pack: Callable[[bytes], bytes]) -> None:
    report = collect.parse(pack(GOOD))
    assert isinstance(report, dmarc.Report)
    assert (report.domain, report.organisation, report.report_id) == (
        samples.DOMAIN,
        'Outside',
        'r1',
    )
    assert report.day == samples.DAY.date()
    assert (report.passing, report.failing) == (5, 2)
    assert [row.signed for row in report.rows] == [True, False]
    sessions = collect.parse(pack(TLS))
    assert isinstance(sessions, tlsrpt.Report)
    assert (sessions.works, sessions.fails) == ({'sts': 7}, {'sts': 2})
    assert sessions.failures == (tlsrpt.Failure('certificate-expired', 2),)


def test_the_same_source_is_one_row() -> None:
    row = (OWN, 3, True, False, True)
    report = dmarc.parse(samples.dmarc([row] * 400))
    assert [(each.source, each.count) for each in report.rows] == [(OWN, 1200)]


def test_addresses_have_one_form() -> None:
    report = dmarc.parse(samples.dmarc([('2001:DB8:0::1', 1, True, True, True)]))
    assert report.rows[0].source == '2001:db8::1'


@pytest.mark.parametrize('report', [dmarc.parse(GOOD), tlsrpt.parse(TLS)])
def test_what_is_kept_is_what_was_read(report: dmarc.Report | tlsrpt.Report) -> None:
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
    started = time.monotonic()
    assert refused(lambda: unpack.unpack(data)) == 'report-bomb'
    assert time.monotonic() - started < 2
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
    'no address': (GOOD.replace(OWN.encode(), b'everywhere'), 'report-garbage'),
    'no count': (GOOD.replace(b'>5<', b'>many<'), 'report-garbage'),
    'too many messages': (GOOD.replace(b'>5<', b'>99999999999<'), 'report-garbage'),
    'fewer than none': (GOOD.replace(b'>5<', b'>-5<'), 'report-garbage'),
    'a number without end': (GOOD.replace(b'>5<', b'>' + b'9' * 5000 + b'<'), 'report-garbage'),
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
    'a thousand sources and one': (
        samples.dmarc((f'10.0.{n // 250}.{n % 250}', 1, True, True, True) for n in range(1001)),
        'report-many',
    ),
}  # fmt: skip


@pytest.mark.parametrize(('data', 'code'), XML.values(), ids=XML)
def test_xml_with_bad_intent(data: bytes, code: str) -> None:
    assert refused(lambda: dmarc.parse(data)) == code


def change(**values: object) -> bytes:
    """Return a report on sessions with some values changed."""
    return json.dumps(json.loads(TLS) | values).encode()


JSON = {
    'a list': (b'[]', 'report-garbage'),
    'nothing': (b'', 'report-garbage'),
    'deep': (b'[' * 100_000, 'report-garbage'),
    'no policies': (change(policies=[]), 'report-garbage'),
    'policies that are none': (change(policies='x'), 'report-garbage'),
    'policies that are numbers': (change(policies=[1, 2]), 'report-garbage'),
    'many policies': (change(policies=[{}] * 51), 'report-many'),
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


def try_all(data: bytes) -> None:
    """Read data as a report; whatever is wrong with it is one of our refusals."""
    started = time.monotonic()
    try:
        report = collect.parse(data)
    except MailError as error:
        assert error.code in refusal.REASONS  # noqa: PT017
    else:
        assert type(report).from_json(json.loads(json.dumps(report.to_json()))) == report
    assert time.monotonic() - started < 5


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
