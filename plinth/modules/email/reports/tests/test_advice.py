# SPDX-License-Identifier: AGPL-3.0-or-later
"""When the next step is proposed, and what stands in the way."""

import string
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from plinth.modules.email.reports import advice, dmarc, figures, reject_reason, tlsrpt
from plinth.modules.email.reports.archive import DmarcEntry, StoredReport, TlsEntry
from plinth.modules.email.reports.figures import Who
from plinth.modules.email.words import reports

from . import samples

TODAY = date(2026, 11, 21)
OWN = '203.0.113.10'
STRANGER = '192.0.2.66'
GOOD: tuple[samples.Row, ...] = ((OWN, 5, True, True, True),)


def mail(
    days: int = 20, rows: Iterable[samples.Row] = GOOD, policy: str = 'none'
) -> list[DmarcEntry]:
    """Reports of two receivers on the last days, yesterday first."""
    text = samples.dmarc(rows).replace(b'<p>none', f'<p>{policy}'.encode())
    report = dmarc.parse(text)
    return [
        StoredReport(sender, replace(report, begin=begin, end=begin + timedelta(hours=23)))
        for begin in (samples.DAY - timedelta(days=back) for back in range(days))
        for sender in ('one.test', 'two.test')
    ]


def sessions(days: int = 20, works: int = 3, fails: int = 0) -> list[TlsEntry]:
    """Reports on sessions of the last days."""
    return [
        StoredReport(
            'one.test', *tlsrpt.parse(samples.tls(works, fails, samples.DAY - timedelta(days=back)))
        )
        for back in range(days)
    ]


def of(entries: list[DmarcEntry], policy: str = 'none') -> advice.Advice:
    """The advice that reports on mail lead to."""
    return advice.dmarc(entries, policy, {OWN}, TODAY)


def test_two_good_weeks_are_enough_and_a_day_less_is_not() -> None:
    assert (of(mail(14)).code, of(mail(14)).step) == ('dmarc-quarantine', 'quarantine')
    assert of(mail(13)) == advice.Advice('wait-days', {'days': '1'})


def test_each_step_starts_anew() -> None:
    before = mail(40)[26:]
    assert of([*mail(13, policy='quarantine'), *before], 'quarantine').code == 'wait-days'
    assert of([*mail(14, policy='quarantine'), *before], 'quarantine').step == 'reject'
    assert of(mail(20, policy='reject'), 'quarantine').step == 'reject', 'published before chosen'
    assert of(mail(20), 'quarantine').code == 'wait-days', 'chosen and not published'
    assert of(mail(20), 'reject') == advice.Advice('dmarc-strictest')


def test_forgeries_do_not_stand_in_the_way() -> None:
    assert of(mail(20, (*GOOD, (STRANGER, 900, False, False, False)))).step == 'quarantine'


@pytest.mark.parametrize(
    ('row', 'code'),
    [
        ((OWN, 1, False, False, False), 'dmarc-own-fails'),
        ((STRANGER, 1, False, False, True), 'dmarc-changed'),
    ],
)
def test_what_stands_in_the_way(row: samples.Row, code: str) -> None:
    found = of(mail(20, (*GOOD, row)))
    assert (found.code, found.step) == (code, '')


def test_a_few_messages_changed_by_lists_do_not_matter() -> None:
    many = ((OWN, 900, True, True, True), (STRANGER, 1, False, False, True))
    assert of(mail(20, many)).step == 'quarantine'


def test_little_known_is_too_little() -> None:
    assert of([]).code == 'dmarc-none'
    assert of(mail(20)[::2]).code == 'wait-more', 'one receiver'
    assert of(mail(30)[36:]).code == 'dmarc-none', 'only long ago'
    assert of([*mail(3), *mail(40)[-1:]]).code == 'wait-more', 'few reports'
    strangers = mail(20, ((STRANGER, 9, False, False, False),))
    assert of(strangers).code == 'dmarc-nothing-passes'


def test_encryption() -> None:
    def tls(entries: list[TlsEntry], mode: str = 'testing') -> advice.Advice:
        return advice.tls(entries, mode, TODAY)

    assert tls([]).code == 'tls-none'
    assert tls(sessions()).step == 'enforce'
    assert tls(sessions(13)).code == 'wait-days'
    assert tls(sessions(fails=1)).code == 'tls-fails'
    assert advice.encryption_failed(sessions(fails=1), TODAY)
    assert not advice.encryption_failed(sessions(), TODAY)
    assert tls(sessions(20, works=0)).code == 'tls-few'
    assert tls(sessions(), 'enforce').code == 'tls-strictest'


def test_who_is_who() -> None:
    rows = (
        (OWN, 7, False, False, False),
        ('192.0.2.1', 6, True, False, False),
        ('192.0.2.2', 5, False, False, True),
        ('192.0.2.3', 4, False, False, False),
    )
    found = figures.sources(mail(1, rows)[:1], {OWN})
    assert [(each.who, each.count, each.failing) for each in found] == [
        (Who.OWN, 7, 7), (Who.TRUSTED, 6, 0), (Who.CHANGED, 5, 5), (Who.STRANGER, 4, 4),
    ]  # fmt: skip


def test_every_day_has_its_place() -> None:
    found = figures.days(mail(2), TODAY, 4)
    assert [(day.day.day, day.passing) for day in found] == [(18, 0), (19, 10), (20, 10), (21, 0)]


def test_there_are_words_for_everything() -> None:
    assert set(reports.ASIDE) == set(reject_reason.REASONS)
    values = dict.fromkeys(
        ('days', 'count', 'senders', 'needed', 'receivers', 'address', 'reason'), '1'
    )
    for code in reports.ADVICE:
        assert reports.sentence(advice.Advice(code, values))
    fields = {
        name
        for text in reports.ADVICE.values()
        for _before, name, _form, _conversion in string.Formatter().parse(str(text))
    }
    assert fields - {None} <= set(values)
