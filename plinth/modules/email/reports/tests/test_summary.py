# SPDX-License-Identifier: AGPL-3.0-or-later
"""The summary of reports: sums of thirty days, and advice that looks further back."""

from datetime import timedelta

from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.reports import dmarc, figures, tlsrpt
from plinth.modules.email.reports.archive import DmarcEntry, StoredReport, StoredReports
from plinth.modules.email.reports.summary import DAYS, add_up

from . import samples

TODAY = samples.DAY.date() + timedelta(days=1)
OWN = '203.0.113.10'
DOMAIN = Domain(samples.DOMAIN)


def kept(*back: int) -> StoredReports:
    """Reports on days so long ago."""
    moments = [samples.DAY - timedelta(days=days) for days in back]
    rows = [(OWN, 5, True, True, True), ('192.0.2.66', 2, False, False, False)]
    return StoredReports(
        tuple(StoredReport('one.test', dmarc.parse(samples.dmarc(rows, each))) for each in moments),
        tuple(StoredReport('two.test', *tlsrpt.parse(samples.tls(3, 1, each))) for each in moments),
        {'report-twice': 1, 'report-bomb': 4},
    )


def test_sums_are_of_thirty_days() -> None:
    known = add_up(kept(0, 1, DAYS + 5), DOMAIN, {OWN}, TODAY)
    assert (known.passing, known.total, known.count) == (10, 14, 4)
    assert known.receivers == ('one.test', 'two.test')
    assert (known.sessions.works, known.sessions.fails) == (6, 2)
    assert known.aside == (('report-bomb', 4), ('report-twice', 1))
    assert known.mail.code == 'wait-more'
    assert known.encryption.code == 'tls-fails'


def test_nothing_came() -> None:
    assert add_up(StoredReports(), DOMAIN, {OWN}, TODAY).is_empty
    earlier = add_up(kept(DAYS + 5), DOMAIN, {OWN}, TODAY)
    assert not earlier.is_empty
    assert not earlier.count


def test_one_reporter_fills_half_of_a_list() -> None:
    """A sender may report what it likes; what others saw still stands on the page."""

    def told(sender: str, *rows: samples.Row) -> DmarcEntry:
        return StoredReport(sender, dmarc.parse(samples.dmarc(rows)))

    invented = [(f'192.0.2.{n}', 10**6, False, False, False) for n in range(100)]
    seen = [(f'198.18.0.{n}', 1, True, True, True) for n in range(40)]
    entries = [
        told('a.evil.test', *invented),
        told('b.evil.test', *invented),
        told('one.test', *seen, (OWN, 1, True, True, True)),
        told('two.test', *seen),
    ]
    shown = [each.address for each in figures.fair(figures.sources(entries, {OWN}), 25)]
    assert len(shown) == 25
    assert sum(address.startswith('192.0.2.') for address in shown) == 12
    assert OWN in shown
    assert figures.receivers(entries) == ('evil.test', 'one.test', 'two.test')


def test_a_single_reporter_may_fill_the_list() -> None:
    rows = [(f'192.0.2.{n}', n + 1, False, False, False) for n in range(100)]
    entries = [StoredReport('one.test', dmarc.parse(samples.dmarc(rows)))]
    assert len(figures.fair(figures.sources(entries, ()), 25)) == 25
