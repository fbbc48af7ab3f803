# SPDX-License-Identifier: AGPL-3.0-or-later
"""Optional parts: their names, and which the settings say are installed."""

import pytest

from plinth.modules.email.directory.component import COMPONENTS, Component, get_component
from plinth.modules.email.directory.settings import Settings
from plinth.modules.email.errors import MailError


@pytest.mark.parametrize(
    'name', ['', 'nothing', 'Antivirus', 'antivirus ', '../antivirus', 'x' * 99]
)
def test_only_those_there_are_can_be_chosen(name: str) -> None:
    with pytest.raises(MailError) as raised:
        get_component(name)
    assert raised.value.code == 'component-missing'


def test_settings_name_those_that_are_installed() -> None:
    assert Settings().component_names == ()
    settings = Settings(components='antivirus later')
    assert settings.component_names == ('antivirus', 'later')
    stored = {name: [each.encode() for each in values]
              for name, values in settings.to_attributes().items()}  # fmt: skip
    assert Settings.from_attributes(stored) == settings


@pytest.mark.parametrize('names', ['Antivirus', 'a/b', 'a ' * 21, 'x' * 31])
def test_settings_with_impossible_names_are_refused(names: str) -> None:
    with pytest.raises(MailError):
        Settings(components=names)


@pytest.mark.parametrize(
    'wrong', [{'name': 'a b'}, {'packages': ()}, {'memory_mb': -1}, {'disk_mb': -1}]
)
def test_an_impossible_part_is_refused(wrong: dict[str, object]) -> None:
    usual = {'name': 'a', 'packages': ('p',), 'units': (), 'replaced': (), 'memory_mb': 1}
    with pytest.raises(ValueError, match='optional part'):
        Component(**{**usual, 'disk_mb': 1, **wrong})  # type: ignore[arg-type]


def test_each_is_kept_under_its_name() -> None:
    assert all(name == each.name for name, each in COMPONENTS.items())
