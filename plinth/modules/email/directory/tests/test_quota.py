# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quotas: each unit is what it says, to the byte, and forms get back what was entered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.directory.domain import Domain
from plinth.modules.email.directory.mailbox import Mailbox
from plinth.modules.email.directory.quota import LEAST, MOST, UNITS, Quota, effective, normal
from plinth.modules.email.errors import MailError

SIZES = st.sampled_from(sorted(UNITS)).flatmap(
    lambda unit: st.integers(-(-LEAST // UNITS[unit]), MOST // UNITS[unit]).map(
        lambda amount: Quota(amount, unit)
    )
)
GAPS = st.sampled_from(['', ' ', '  ', '\t'])
CASES = st.sampled_from([str, str.lower, str.upper])


@pytest.mark.parametrize(
    ('text', 'size'),
    [
        ('1 MB', 1_000_000),
        ('500 MB', 500_000_000),
        ('1 MiB', 1_048_576),
        ('500 MiB', 524_288_000),
        ('2 GB', 2_000_000_000),
        ('2 GiB', 2_147_483_648),
        ('1 TB', 1_000_000_000_000),
        ('1 TiB', 1_099_511_627_776),
        ('unlimited', 0),
    ],
)
def test_units(text: str, size: int) -> None:
    assert Quota.parse(text).bytes == size
    assert str(Quota.parse(text)) == text


@given(SIZES, GAPS, CASES)
def test_what_is_entered_comes_back(quota: Quota, gap: str, case: type[str]) -> None:
    typed = case(f' {quota.amount}{gap}{quota.unit} ')
    found = Quota.parse(typed)
    assert found == quota
    assert found.bytes == quota.amount * UNITS[quota.unit]
    assert normal(typed) == str(quota) == normal(str(quota))


@pytest.mark.parametrize(
    'text',
    [
        '500', '500 M', '500M', '2G', '1.5 GB', '1,5 GB', '1,500 MB', '1.500 MB', '-1 GB', '500 kB',
        '5e2 MB', '500 megabytes', 'MB', '\u0665\u0660\u0660 MB',
        '500 MB MB', '0x10 MB', '1_000 MB', '500 M\u0131B',
        'none', '*', '\0',
    ],
)  # fmt: skip
def test_what_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(MailError, match='500 MB or 2 GiB'):
        Quota.parse(text)


@pytest.mark.parametrize('text', ['0 MB', '0 GiB', '1025 TiB', '9999999999999999 TB'])
def test_sizes_no_mailbox_can_have(text: str) -> None:
    with pytest.raises(MailError, match='1 MB to 1024 TiB'):
        Quota.parse(text)


@given(st.text())
def test_any_text(text: str) -> None:
    try:
        quota = Quota.parse(text)
    except MailError:
        return
    assert Quota.parse(str(quota)) == quota


def test_entries_have_the_bytes_beside_the_text() -> None:
    mailbox = Mailbox('a@example.test', quota='500 MiB')
    assert mailbox.to_attributes()['fbxMailQuota'] == ('500 MiB',)
    assert mailbox.to_attributes()['fbxMailQuotaBytes'] == ('524288000',)
    assert Domain('example.test', quota='unlimited').to_attributes()['fbxMailQuotaBytes'] == ('0',)
    assert 'fbxMailQuotaBytes' not in Mailbox('a@example.test').to_attributes()
    with pytest.raises(MailError):
        Mailbox('a@example.test', quota='500 mib')


def test_a_mailbox_before_its_domain() -> None:
    assert effective('1 GB', '2 GB') == Quota(1, 'GB')
    assert effective('', '2 GB') == Quota(2, 'GB')
    assert effective('unlimited', '2 GB').bytes == 0 == effective('', '').bytes
