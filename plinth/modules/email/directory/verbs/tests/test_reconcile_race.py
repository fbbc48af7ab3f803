# SPDX-License-Identifier: AGPL-3.0-or-later
"""Following users while the directory is changed by hand: look again, but not for ever."""

from contextlib import nullcontext
from typing import Any
from unittest.mock import Mock

import pytest

from plinth.modules.email.directory.verbs import reconcile
from plinth.modules.email.errors import MailError

DONE = {'added': ['alice@one.test']}


@pytest.fixture(name='tried')
def fixture_tried(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Note each look and what becomes of its plan."""
    tried = Mock()
    monkeypatch.setattr(reconcile, 'look', tried.look)
    monkeypatch.setattr(reconcile, 'plan_for', lambda seen, _confirmed: seen)
    monkeypatch.setattr(reconcile, '_carry_out', tried.carry_out)
    return tried


def follow() -> Any:
    store: Any = Mock()
    store.exclusive.side_effect = nullcontext
    return reconcile.reconcile(store)


@pytest.mark.parametrize('code', ['entry-changed', 'mailbox-exists', 'alias-missing'])
def test_after_a_race_it_looks_again(tried: Mock, code: str) -> None:
    lost = MailError(code, 'Someone else was faster.')
    tried.look.side_effect = ['first', 'second', 'third']
    tried.carry_out.side_effect = [lost, lost, DONE]
    assert follow() == DONE
    plans = [call.args[1] for call in tried.carry_out.call_args_list]
    assert plans == ['first', 'second', 'third'], 'each plan is of a new look'


def test_who_always_loses_is_told(tried: Mock) -> None:
    tried.carry_out.side_effect = MailError('entry-changed', key='a@b.test')
    with pytest.raises(MailError, match='Someone else changed a@b'):
        follow()
    assert tried.look.call_count == 3


@pytest.mark.parametrize('code', ['directory-down', 'mail-not-set-up', 'address-invalid'])
def test_another_error_is_no_race(tried: Mock, code: str) -> None:
    tried.carry_out.side_effect = MailError(code, 'No.')
    with pytest.raises(MailError):
        follow()
    assert tried.look.call_count == 1
