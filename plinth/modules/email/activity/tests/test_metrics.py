# SPDX-License-Identifier: AGPL-3.0-or-later
"""Metrics: text that Prometheus reads, without names, for requests to this machine alone."""

import io
import re
from pathlib import Path

import pytest

from .. import metrics
from ..hourly_counts import KINDS
from ..metrics import Metric
from ..scrape import answer, read_request

LINE = re.compile(r'([a-z_]+)(?:\{([a-z_]+)="([a-z]+)"\})? (-?\d+(?:\.\d+)?(?:e[+-]\d+)?)')
FOUND = metrics.metrics(
    {kind: 10**place for place, kind in enumerate(KINDS)}, 3, {'a@x.test': 5_000_000_000}, 7, 2e9
)


def parse(text: str) -> dict[tuple[str, str], float]:
    """The values of a text, read as strictly as Prometheus does."""
    found: dict[tuple[str, str], float] = {}
    types: dict[str, str] = {}
    assert text.endswith('\n')
    for line in text.splitlines():
        if line.startswith('# '):
            _mark, word, name, rest = line.split(' ', 3)
            assert word in ('HELP', 'TYPE')
            if word == 'TYPE':
                assert name not in types, 'a type once'
                types[name] = rest
            continue
        match = LINE.fullmatch(line)
        assert match, line
        name, _label, value, number = match.groups()
        assert name in types, 'its type comes first'
        assert (types[name] == 'counter') == name.endswith('_total')
        assert (name, value or '') not in found
        found[name, value or ''] = float(number)
    return found


def test_each_metric_has_a_type_and_a_name_by_the_conventions() -> None:
    found = parse(metrics.page(FOUND))
    assert found['freedombox_email_messages_total', 'received'] == 1
    assert found['freedombox_email_messages_total', 'delayed'] == 10**4
    assert found['freedombox_email_storage_bytes', ''] == 5_000_000_000, 'to the last byte'
    assert found['freedombox_email_sampled_timestamp_seconds', ''] == 2e9
    assert found['freedombox_email_queue_messages', ''] == 3
    assert found['freedombox_email_mailboxes', ''] == 1
    assert found['freedombox_email_free_bytes', ''] == 7
    assert all(name.startswith('freedombox_email_') for name, _value in found)


def test_there_are_no_addresses() -> None:
    assert '@' not in metrics.page(FOUND)
    assert 'x.test' not in metrics.page(FOUND)


def test_an_unknown_queue_is_left_out() -> None:
    assert 'queue' not in metrics.page(metrics.metrics({}, None, {}, 0, 0))


def test_a_large_counter_is_whole() -> None:
    line = list(Metric('x_total', 'X.', 'counter', {'': 123_456_789}).lines())[-1]
    assert line == 'freedombox_email_x_total 123456789'


@pytest.mark.parametrize(
    ('request_', 'status'),
    [
        (b'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9715\r\n\r\n', 200),
        (b'GET /metrics?x=1 HTTP/1.0\r\n\r\n', 200),
        (b'HEAD /metrics HTTP/1.1\r\nHost: localhost:9715\r\n\r\n', 200),
        (b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 404),
        (b'GET /metrics HTTP/1.1\r\nHost: evil.example:9715\r\n\r\n', 403),
        (b'GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n', 403),
        (b'POST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n', 405),
        (b'', 400),
        (b'\xff\xfe\r\n', 400),
        (b'A' * 100_000, 400),
        (b'GET /metrics HTTP/1.1\r\n' + b'X: y\r\n' * 9000, 200),
    ],
)
def test_requests(request_: bytes, status: int) -> None:
    found = answer(read_request(io.BytesIO(request_)), 'x 1\n')
    assert found.startswith(f'HTTP/1.1 {status} '.encode())
    assert found.endswith(b'x 1\n') == (status == 200 and not request_.startswith(b'HEAD'))


def test_before_the_first_sample_there_are_no_numbers() -> None:
    assert b' 503 ' in answer(['GET /metrics HTTP/1.1'], '')


def test_no_link_is_followed_to_the_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, 'PAGE', tmp_path / 'page')
    assert not metrics.read_page()
    (tmp_path / 'page').symlink_to('/etc/passwd')
    with pytest.raises(OSError, match='symbolic'):
        metrics.read_page()
