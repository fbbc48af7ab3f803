# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which tables Postfix would ask, read from its settings."""

from typing import Any

import pytest

from plinth.modules.email.privileged import lookups


@pytest.mark.parametrize(
    ('text', 'tables'),
    [
        ('', []),
        ('hash:a, proxy:ldap:b', ['hash:a', 'proxy:ldap:b']),
        ('p:{l:a, l:b}, i:{@x=y, @z=y}', ['p:{l:a, l:b}', 'i:{@x=y, @z=y}']),
        ('a:{b:{c, d}, e} f:g', ['a:{b:{c, d}, e}', 'f:g']),
    ],
)  # fmt: skip
def test_commas_inside_braces_belong_to_a_table(text: Any, tables: Any) -> None:
    assert lookups.split_tables(text) == tables


def test_of_restrictions_only_those_about_recipients_count(monkeypatch: Any) -> None:
    monkeypatch.setattr(lookups.Postfix, '__post_init__', lambda _self: None)
    text = 'permit_mynetworks, check_sender_access ldap:a, check_recipient_access proxy:ldap:b'
    postfix = lookups.Postfix(
        {'smtpd_recipient_restrictions': text, 'virtual_alias_maps': 'ldap:c'}
    )
    assert postfix.tables('smtpd_recipient_restrictions') == ['ldap:b']
    assert postfix.tables('virtual_alias_maps') == ['ldap:c']
