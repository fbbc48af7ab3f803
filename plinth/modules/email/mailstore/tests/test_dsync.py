# SPDX-License-Identifier: AGPL-3.0-or-later
"""Copying by Dovecot ends in its time, however often it is tried."""

import time
import types
from typing import Any

import pytest

from plinth.modules.email.errors import MailError
from plinth.modules.email.mailstore import dsync
from plinth.modules.email.system import programs


def test_a_copy_that_hangs_is_ended(monkeypatch: Any) -> None:
    monkeypatch.setattr(programs, '_as_account', lambda _name: {})
    began = time.monotonic()
    with pytest.raises(MailError) as caught:
        dsync.sync('mail', 'alice', ('sleep', '60'), 0.2)
    assert caught.value.code == 'copy-slow'
    assert time.monotonic() - began < 10
    dsync.sync('mail', 'alice', ('true',), 30.0)


def test_tries_share_the_time_of_one(monkeypatch: Any) -> None:
    clock = iter([0.0, 10.0, 25.0, 70.0])
    monkeypatch.setattr(dsync, 'time', types.SimpleNamespace(monotonic=lambda: next(clock)))
    given: list[float] = []

    def run_as(_account: str, _name: str, _command: Any, seconds: float) -> Any:
        given.append(seconds)
        return (1, 'Error: damaged') if len(given) < 3 else (0, '')

    monkeypatch.setattr(dsync, 'run_as', run_as)
    dsync.sync('mail', 'alice', ('true',), 60.0)
    assert given == [50.0, 35.0, -10.0], 'none of the next tries begins anew'
