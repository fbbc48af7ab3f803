# SPDX-License-Identifier: AGPL-3.0-or-later
"""When Roundcube's filters page is installed."""

import pathlib

from plinth.modules.email.clients.webmail import TRY_AGAIN_SECONDS, Completion, lacks_filters


def put(path: pathlib.Path) -> None:
    """Make an empty file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_it_is_lacking_only_beside_roundcube(tmp_path: pathlib.Path) -> None:
    assert not lacks_filters(tmp_path)
    put(tmp_path / 'index.php')
    assert lacks_filters(tmp_path)
    put(tmp_path / 'plugins/managesieve/managesieve.php')
    assert not lacks_filters(tmp_path)


def test_what_failed_is_tried_again_an_hour_later() -> None:
    now = [0.0]
    completion = Completion(lambda: True, lambda: now[0])
    assert completion.is_due()
    assert not completion.is_due()
    now[0] = TRY_AGAIN_SECONDS
    assert completion.is_due()


def test_one_that_no_look_saw_gone_is_completed_at_once_too() -> None:
    """It was removed and installed again between two looks."""
    completion = Completion(lambda: True, lambda: 0.0)
    assert completion.is_due()
    completion.begin_anew()
    assert completion.is_due()


def test_another_installation_of_roundcube_is_completed_at_once() -> None:
    lacks = [True]
    completion = Completion(lambda: lacks[0], lambda: 0.0)
    assert completion.is_due()
    lacks[0] = False
    assert not completion.is_due()
    lacks[0] = True
    assert completion.is_due()
