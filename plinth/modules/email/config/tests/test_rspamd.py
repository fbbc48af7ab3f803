# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings become text Rspamd reads as they are meant."""

import pytest

from plinth.modules.email.config.facts import Facts
from plinth.modules.email.config.rspamd import SUBJECTS, rspamd_state
from plinth.modules.email.config.state import WholeFile


@pytest.mark.parametrize('subjects', [False, True])
def test_subjects_are_logged_only_where_that_is_chosen(subjects: bool) -> None:
    facts = Facts(None, (), (), 'box', 1, 900, (990, 989), subjects=subjects)
    texts = [each.content for each in rspamd_state(facts).edits if isinstance(each, WholeFile)]
    assert any(SUBJECTS in text for text in texts) is subjects
