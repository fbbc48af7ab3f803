# SPDX-License-Identifier: AGPL-3.0-or-later
"""The root actions on the directory that can be tried without one."""

import importlib
import inspect
import pkgutil
import sys
from typing import Any

import pytest

from plinth.modules.email import privileged


@pytest.mark.parametrize('name', dir(privileged))
def test_all_verbs_are_root_actions_that_say_what_they_do(name: Any) -> None:
    action = getattr(privileged, name)
    assert getattr(action, '_privileged', False)
    assert inspect.getdoc(action)
    assert f'{privileged.__name__}.{name}' not in sys.modules, 'a module would hide the action'


def test_all_root_actions_are_found_by_name() -> None:
    found = {
        name
        for module in pkgutil.iter_modules(privileged.__path__)
        if module.name != 'tests'
        for name, value in vars(
            importlib.import_module(f'{privileged.__name__}.{module.name}')
        ).items()
        if getattr(value, '_privileged', False)
    }
    assert found == set(dir(privileged))


def test_a_name_that_is_no_action_is_not_found() -> None:
    with pytest.raises(AttributeError):
        _ = privileged.os
