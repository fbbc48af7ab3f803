# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page for devices: its sentences about each password, and its limits."""

from datetime import UTC, datetime, timedelta

from ...directory.apppassword import AppPassword
from ..devices import devices

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def password(
    key: str,
    label: str,
    age: timedelta,
    read: datetime | None = None,
    sent: datetime | None = None,
) -> AppPassword:
    made = NOW - age
    return AppPassword(key, 'alice', label, made, '1', last_read=read, last_sent=sent)


NEW, OLD = timedelta(minutes=5), timedelta(days=3)
USED = NOW - timedelta(minutes=1)


def test_the_newest_unused_password_is_watched() -> None:
    found = devices(
        [
            password('aaaa', 'Tablet', NEW),
            password('bbbb', 'phone', NEW / 5),
            password('cccc', 'Old', OLD),
        ],
        NOW,
    )
    assert [each.entry.label for each in found] == ['Old', 'phone', 'Tablet']
    assert [each.waits for each in found] == [False, True, False]


def test_a_new_device_says_when_it_connected() -> None:
    sent = USED - timedelta(minutes=2)
    (device,) = devices([password('aaaa', 'Phone', NEW, read=USED, sent=sent)], NOW)
    assert (device.connected, device.waits) == (sent, False)


def test_later_only_its_last_use_is_told() -> None:
    (device,) = devices([password('aaaa', 'Phone', OLD, read=USED)], NOW)
    assert (device.connected, device.waits) == (None, False)
