# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters name folders that people can open."""

import pytest

from plinth.modules.email.directory.mail_filter import MailFilter
from plinth.modules.email.errors import MailError


@pytest.mark.parametrize('folder', ['Shop', 'Shop/New', 'Zoë/日本', 'My freedombox-notes'])
def test_a_folder_has_any_name(folder: str) -> None:
    assert MailFilter('x', folder=folder).folder == folder


@pytest.mark.parametrize(
    'folder',
    ['../x', 'a/../b', '.x', ' x', 'a//b', '*', '%', '~x', 'a\\b', 'a\nb',
     'freedombox-deleted/Messages', 'Freedombox-waiting/Waiting'],
)  # fmt: skip
def test_a_folder_is_one_a_mail_app_shows(folder: str) -> None:
    with pytest.raises(MailError):
        MailFilter('x', folder=folder)
