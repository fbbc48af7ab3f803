# SPDX-License-Identifier: AGPL-3.0-or-later
"""Meanings of refusals by this box, by the texts that its own services give.

A text may repeat what a client wrote, so a meaning is a help for people and decides nothing.
"""

import re
from dataclasses import dataclass
from typing import Literal

RefusalPage = Literal['', 'domains', 'delivery', 'activity', 'index', 'resolve', 'addresses']
"""The page that mends it: for `resolve` and `addresses` that of the address."""
RefusalFault = Literal['address', 'here', 'there', 'recipient', 'message', 'none']


@dataclass(frozen=True)
class OwnRefusal:
    """A refusal: its meaning (`words/told_messages.REFUSALS`), the cause, and what mends it."""

    meaning: str
    fault: RefusalFault
    page: RefusalPage
    text: re.Pattern[str]


def _of(meaning: str, fault: RefusalFault, page: RefusalPage, text: str) -> OwnRefusal:
    return OwnRefusal(meaning, fault, page, re.compile(text, re.IGNORECASE))


REFUSALS: tuple[OwnRefusal, ...] = (
    _of('not-logged-in', 'there', 'resolve', r', log in first\b'),
    _of('not-allowed-sender', 'here', 'resolve', r'not (owned by|logged in as) user|not owned by'),
    _of('address-off', 'here', 'resolve', r'this address is switched off'),
    _of(
        'return-address', 'address', '',
        r'takes bounces only|return address (has expired|was not)',
    ),
    _of('no-such-domain', 'address', '', r'no mail server has this name'),
    _of('denied-sender', 'recipient', '', r'does not accept mail from this sender'),
    _of('known-only', 'here', '', r'only write to known correspondents'),
    _of('out-of-hours', 'here', '', r'outside of its hours|mailbox is (frozen|closed)'),
    _of('too-much-held', 'here', 'activity', r'too much of your mail is held'),
    _of('mailbox-full', 'recipient', 'addresses', r'mailbox is full|over ?quota'),
    _of('not-verified', 'there', '', r'not proven to come from|\(DMARC\)'),
    _of('more-than-one-line', 'message', '', r'message has more than one'),
    _of('header-too-long', 'message', '', r'field of the header is longer'),
    _of('too-large', 'message', 'delivery', r'(message|queue file) size (exceeds|limit)|too big'),
    _of(
        'filter-down', 'here', 'index',
        r'not ready, try again|cannot be checked now|service unavailable|lookup failure|'
        r'server configuration|temporary failure',
    ),
    _of('too-many', 'there', '', r'too many|too much mail|rate limit|ratelimit'),
    _of('try-again', 'none', '', r'try again later|greylist'),
    _of('virus', 'message', '', r'contains a virus'),
    _of('spam', 'message', '', r'\bspam\b|gtube'),
    _of('not-responsible', 'address', 'domains', r'relay access denied'),
    _of(
        'no-such-address', 'address', 'resolve',
        r'user unknown|no such (address|user)|undeliverable',
    ),
    _of('bad-server-name', 'there', '', r'helo command rejected'),
    _of('invalid-sender', 'there', '', r'sender address rejected|domain not found'),
    _of('invalid-recipient', 'address', '', r'recipient address rejected|bad recipient'),
)  # fmt: skip
"""The first that fits counts."""


def own_refusal(text: str) -> OwnRefusal | None:
    """The meaning of a refusal, None for an unknown one."""
    return next((each for each in REFUSALS if each.text.search(text)), None)
