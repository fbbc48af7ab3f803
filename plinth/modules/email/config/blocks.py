# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Dovecot in blocks, and look-ups in the directory."""

from .state import DovecotSetting, Value

Block = tuple[str, str]


def within(blocks: tuple[Block, ...], values: dict[str, Value]) -> tuple[DovecotSetting, ...]:
    """Settings that stand inside the same blocks."""
    return tuple(DovecotSetting(key, value, blocks) for key, value in values.items())


def lookup(
    kind: str, name: str, base: str, query: str, fields: dict[str, Value], more: dict[str, Value]
) -> tuple[DovecotSetting, ...]:
    """One passdb or userdb that asks the directory."""
    block = ((kind, f'freedombox-{name}'),)
    values: dict[str, Value] = {
        'driver': 'ldap',
        'ldap_base': base,
        'ldap_scope': 'onelevel',
        'ldap_filter': query,
        'result_internalfail': 'return-fail',
        **more,
    }
    return within(block, values) + within((*block, ('fields', '')), fields)
