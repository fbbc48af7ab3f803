# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new domain is checked at once."""

from typing import Any
from unittest.mock import Mock, call

import pytest

from plinth.modules.email.dns import local_facts
from plinth.modules.email.errors import MailError
from plinth.modules.email.sync import dns_facts, first_check


@pytest.fixture(name='check', autouse=True)
def fixture_check(monkeypatch: pytest.MonkeyPatch) -> Mock:
    check = Mock()
    names = ('old.test', 'new.test', 'box.local')
    latest = {'old.test': 'report'}.get
    monkeypatch.setattr(local_facts, 'domains', lambda: (names, 'old.test'))
    monkeypatch.setattr(first_check, 'Memory', lambda: Mock(latest=latest))
    monkeypatch.setattr('plinth.modules.email.dns.check.check', check)
    return check


def test_only_new_public_domains_are_checked(check: Mock) -> None:
    first_check.check_unchecked()
    assert check.call_args_list == [call('new.test', dns_facts.of)]


def test_a_check_that_fails_disturbs_no_one(check: Mock, caplog: Any) -> None:
    caplog.set_level('INFO')
    check.side_effect = MailError('report-failed')
    first_check.check_unchecked()
    assert 'could not be saved' in caplog.text
