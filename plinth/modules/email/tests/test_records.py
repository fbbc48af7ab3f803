# SPDX-License-Identifier: AGPL-3.0-or-later
"""The records a domain needs."""

from ..dns.records import Record, wanted


def test_a_domain_without_a_key_has_three_records() -> None:
    records = wanted('two.test', 'one.test')
    assert [(record.name, record.kind) for record in records] == [
        ('two.test', 'MX'),
        ('two.test', 'TXT'),
        ('_dmarc.two.test', 'TXT'),
    ]
    assert records[0].text == '10 one.test.'


def test_a_long_value_is_split_where_dns_needs_it() -> None:
    (key,) = [r for r in wanted('a.test', 'a.test', 'K' * 392) if '_domainkey' in r.name]
    parts = key.text.split('" "')
    assert len(parts) == 2
    assert ''.join(parts).strip('"') == key.value
    assert all(len(part.strip('"')) <= 255 for part in parts)


def test_a_record_can_be_shown() -> None:
    assert Record('a', 'TXT', 'v', 'title', 'purpose').text == '"v"'
