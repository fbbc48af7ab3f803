# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every integration test must leave a journal without unexpected errors."""

import pytest


@pytest.fixture(autouse=True, scope='module')
def _no_guesses_before(forgiven: None) -> None:
    """Apply to all files here."""


@pytest.fixture(autouse=True)
def _journal_stays_clean(quiet_journal: None) -> None:
    """Apply to all tests here."""
