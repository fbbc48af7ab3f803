# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail of earlier owners is named with both things that can be done about it."""

from ...mailstore.kept_mail import KeptMail
from .. import earlier

RAW = {
    'id': 'a' * 32, 'address': 'alice@a.test', 'since': '2026-01-02T03:04:05+00:00',
    'messages': 3, 'bytes': 9, 'complete': True, 'owner': 'alice', 'taken_by': 'alice',
}  # fmt: skip


def test_an_administrator_gives_or_deletes() -> None:
    (finding,) = earlier.findings([KeptMail.from_json(RAW)])
    give, delete = finding.remedies
    assert (give.repair, give.about, str(give.label)) == ('give-mail', 'a' * 32, 'Give to alice')
    assert (delete.page, delete.about) == ('email:mail-delete', 'a' * 32)
    assert str(finding.title) == '3 messages from a previous owner of alice@a.test are kept.'


def test_what_was_not_counted_to_the_end_is_more() -> None:
    (finding,) = earlier.findings([KeptMail.from_json({**RAW, 'complete': False})])
    assert str(finding.title).startswith('More than 3')
