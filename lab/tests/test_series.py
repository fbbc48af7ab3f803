# SPDX-License-Identifier: AGPL-3.0-or-later
"""The series of merge requests: each file is in one part, and the page has the present sizes."""

import re

from lab import series

ROW = re.compile(r'^\| ([\w ]+) \| ([\d,]+) \| ([\d,]+) \|$', re.MULTILINE)


def _numbers(text: str) -> dict[str, list[int]]:
    rows = ROW.findall(text)
    return {part: [int(each.replace(',', '')) for each in counts] for part, *counts in rows}


def test_each_file_is_in_one_part_or_outside() -> None:
    assert series.part_of('plinth/modules/email/transaction/plan.py') == 'transaction and lenses'
    assert series.part_of('plinth/modules/email/privileged/dns.py') == 'DNS and signing keys'
    assert series.part_of('plinth/modules/email/views/page.py') == 'pages and command'
    assert series.part_of('tests/browser/looks.py') == series.part_of('doc/app.md') == ''
    unknown = [name for name in series.files() if series.part_of(name) not in ('', *series.PARTS)]
    assert unknown == []


def test_the_page_has_the_present_sizes() -> None:
    """Near enough to judge by; `python3 -m lab.series --write` writes them anew."""
    page, now = _numbers(series.PAGE.read_text('utf-8')), _numbers(series.table())
    assert list(page) == list(now) == [*series.PARTS, 'all']
    far = [
        f'{part}: {page[part]} on the page, now {counts}'
        for part, counts in now.items()
        if any(abs(old - new) > new / 10 for old, new in zip(page[part], counts, strict=True))
    ]
    assert far == []
