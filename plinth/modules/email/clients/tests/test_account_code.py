# SPDX-License-Identifier: AGPL-3.0-or-later
"""QR codes hold accounts as Thunderbird for Android and K-9 read them."""

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth.modules.email.clients.account import ClientAccount
from plinth.modules.email.clients.account_code import drawing, payload
from plinth.modules.email.clients.servers import ClientSettings

SETTINGS = ClientSettings('example.org', 'mail.example.org')
PRINTABLE = st.text(st.characters(exclude_categories=('C', 'Z')), max_size=60)


def test_the_account_is_that_of_the_documented_example() -> None:
    account = ClientAccount(SETTINGS, 'jane@example.org', 'k7f3-d9qm', 'Jane Doe')
    assert json.loads(payload(account)) == [
        1,
        [1, 1],
        [
            0,
            'mail.example.org',
            993,
            3,
            1,
            'jane@example.org',
            'jane@example.org',
            'k7f3-d9qm',
        ],
        [
            [
                [0, 'mail.example.org', 465, 3, 1, 'jane@example.org', 'k7f3-d9qm'],
                ['jane@example.org', 'Jane Doe'],
            ]
        ],
    ]


@given(PRINTABLE, PRINTABLE)
def test_no_name_or_password_leaves_its_place(name: str, password: str) -> None:
    read = json.loads(payload(ClientAccount(SETTINGS, 'jane@example.org', password, name)))
    assert read[2][7] == read[3][0][0][6] == password
    assert read[3][0][1] == ['jane@example.org', name]


def test_addresses_the_apps_cannot_read_are_refused() -> None:
    with pytest.raises(ValueError, match='ASCII'):
        payload(ClientAccount(SETTINGS, 'jäne@example.org', 'secret'))


@pytest.mark.parametrize('name', ['two\nlines', 'two\rlines', 'nul\0'])
def test_a_text_of_several_lines_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match='printable'):
        ClientAccount(SETTINGS, 'jane@example.org', 'secret', name)


def test_a_drawing_is_one_image_that_holds_no_text() -> None:
    svg = ET.fromstring(drawing('https://example.org/#<script>'))
    assert svg.tag == 'svg'
    assert 'script' not in ET.tostring(svg, encoding='unicode')
    assert svg.get('viewBox')
