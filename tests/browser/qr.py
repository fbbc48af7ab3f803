# SPDX-License-Identifier: AGPL-3.0-or-later
"""QR codes on pages, read from a picture of the page as a phone reads them."""

import io
import json
from dataclasses import dataclass
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import Page


def scan(page: Page) -> str:
    """The text of the QR code on a page."""
    picture = Image.open(io.BytesIO(page.locator('.email-qr').screenshot()))
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1, f'{len(found)} QR codes are on {page.url}, or the camera reads none'
    return str(found[0].text)


@dataclass(frozen=True)
class DeviceAccount:
    """Servers, login and password of an account; both are encrypted from the start."""

    imap: tuple[str, int]
    smtp: tuple[str, int]
    login: str
    password: str
    address: str


def account(text: str) -> DeviceAccount:
    """The account of a code for Thunderbird on Android (version 1), judged as its reader does."""
    version, (number, end), incoming, groups = json.loads(text)
    assert (version, number, end) == (1, 1, 1)
    (outgoing, (address, _name)) = _one(groups)
    assert incoming[0] == outgoing[0] == 0, 'the protocols are IMAP and SMTP'
    assert incoming[3] == outgoing[3] == 3, 'both are encrypted from the start'
    assert incoming[4] == outgoing[4] == 1, 'both take a password'
    assert incoming[5] == outgoing[5]
    assert incoming[7] == outgoing[6]
    assert text.isascii()
    return DeviceAccount(
        (incoming[1], incoming[2]), (outgoing[1], outgoing[2]), incoming[5], incoming[7], address
    )


def _one(groups: list[Any]) -> Any:
    assert len(groups) == 1, 'there is one way to send'
    return groups[0]
