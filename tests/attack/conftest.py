# SPDX-License-Identifier: AGPL-3.0-or-later
"""An attack that is refused leaves no unexpected error in the journal."""

import pytest


@pytest.fixture(autouse=True, scope='module')
def _no_guesses_before(forgiven: None) -> None:
    """Apply to all files here."""


@pytest.fixture(autouse=True)
def _journal_stays_clean(quiet_journal: None) -> None:
    """Apply to all tests here."""
