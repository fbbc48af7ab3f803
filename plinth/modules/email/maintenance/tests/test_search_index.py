# SPDX-License-Identifier: AGPL-3.0-or-later
"""An index is made anew for other settings about words, and for no others."""

import pytest

from plinth.modules.email.maintenance.search_index import mark

SETTINGS = """\
fts_autoindex = no
hostname = example.test
language_filters = normalizer-icu snowball
language en {
  default = yes
  filters = normalizer-icu snowball
}
fts flatcurve {
  substring_search = yes
}
protocol lmtp {
  fts = no
}
"""


@pytest.mark.parametrize(
    ('old', 'new', 'is_other'),
    [
        ('example.test', 'second.test', False),
        ('fts = no', 'fts = yes', False),
        ('  filters = normalizer-icu', '  filters = lowercase', True),
        ('language_filters = normalizer-icu', 'language_filters = lowercase', True),
        ('substring_search = yes', 'substring_search = no', True),
        ('language en', 'language de', True),
    ],
)
def test_which_settings_count(old: str, new: str, is_other: bool) -> None:
    assert (mark(SETTINGS) != mark(SETTINGS.replace(old, new))) is is_other
