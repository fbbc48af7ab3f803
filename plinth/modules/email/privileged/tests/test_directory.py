# SPDX-License-Identifier: AGPL-3.0-or-later
"""The root actions on the directory that can be tried without one."""

import inspect
from typing import Any

import pytest

from plinth.modules.email import privileged


@pytest.mark.parametrize('name', privileged.__all__)
def test_all_verbs_are_root_actions_that_say_what_they_do(name: Any) -> None:
    action = getattr(privileged, name)
    assert getattr(action, '_privileged', False)
    assert inspect.getdoc(action)
