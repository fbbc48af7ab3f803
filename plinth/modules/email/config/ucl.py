# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings as text of UCL, the language of Rspamd's files."""

from collections.abc import Mapping

Settings = Mapping[str, 'Setting']
Setting = str | int | float | bool | tuple[str | Settings, ...] | Settings


def render(key: str, value: Setting, indent: str = '') -> str:
    """One setting as UCL text."""
    if isinstance(value, Mapping):
        return f'{indent}{_name(key)} {_block(value, indent)}\n'
    if isinstance(value, tuple):
        each = (_block(x, indent) if isinstance(x, Mapping) else _word(x) for x in value)
        return f'{indent}{key} = [{", ".join(each)}];\n'
    return f'{indent}{key} = {_word(value)};\n'


def _block(value: Settings, indent: str) -> str:
    inner = ''.join(render(name, each, indent + '  ') for name, each in value.items())
    return f'{{\n{inner}{indent}}}'


def _name(key: str) -> str:
    """A key as UCL reads it: one that is a domain name stands in quotes."""
    return _word(key) if '.' in key else key


def _word(value: str | float | bool) -> str:
    if isinstance(value, str):
        return '"' + value.replace('\\', '\\\\').replace('"', '\\"') + '"'
    return str(value).lower()
