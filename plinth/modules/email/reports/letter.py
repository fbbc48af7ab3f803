# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail a report comes in: which domain it is for, who proved to have sent it, what is in it.

Postfix writes the address a mail came for above everything the sender wrote, and Rspamd
removes results in our name that came with a mail. So the first of these headers is true.

DIAGNOSTICS
    report-garbage    not a mail, or not one for us
    report-unproven   SPF, DKIM and DMARC do not prove the domain in From
    report-none       nothing in it that could be a report
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses

from ..directory.address import parse, parse_domain
from ..errors import MailError
from .refusal import refuse
from .unpack import MOST_PACKED, is_packed

MOST_MESSAGE = 2 * MOST_PACKED
MOST_PARTS = 20
_PLAIN = (b'<?xml', b'<feedback', b'{')
_MARK = b'\xef\xbb\xbf'
_RECEIVED = re.compile(r'\bby (\S+) \(Postfix\) with (?:UTF8|E)?SMTPS? id ')
_COMMENT = re.compile(r'\([^()]*\)')
_FOLDED = re.compile(r'\s+')


@dataclass(frozen=True)
class Letter:
    """A mail that may hold a report: the domain it came for, the sender's, and the content."""

    domain: str
    sender: str
    content: bytes

    def __post_init__(self) -> None:
        """Refuse names that are not in normal form."""
        for name in (self.domain, self.sender):
            if parse_domain(name) != name:
                raise ValueError(f'Not in normal form: {name!r}')


def _values(mail: Message, name: str) -> list[str]:
    """Return the values of all headers of a name, each on one line."""
    return [_FOLDED.sub(' ', str(value)).strip() for value in mail.get_all(name) or ()]


def recipient_domain(mail: Message) -> str:
    """Return the domain of the address a mail was sent to."""
    try:
        return parse((_values(mail, 'X-Original-To') or [''])[0].strip('<>')).domain
    except MailError as error:
        raise refuse('report-garbage', 'Postfix did not say for whom it was') from error


def sender_domain(mail: Message) -> str:
    """Return the domain of the one address in From."""
    addresses = [address for _name, address in getaddresses(_values(mail, 'From'))]
    try:
        if len(addresses) != 1:
            raise refuse('report-unproven', f'{len(addresses)} addresses in From')
        return parse(addresses[0]).domain
    except MailError as error:
        raise refuse('report-unproven', error.detail or error.sentence) from error


def _without_comments(text: str) -> str:
    """Return a header without comments; nothing if it can be read in more than one way."""
    if '"' in text or '\\' in text:
        return ''
    while (shorter := _COMMENT.sub(' ', text)) != text:
        text = shorter
    return '' if '(' in text or ')' in text else text


def _results(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each method with its result, and the properties behind it."""
    for part in text.split(';')[1:]:
        method, *words = part.split() or ['']
        yield method.lower(), dict(word.lower().split('=', 1) for word in words if '=' in word)


def _is_of(name: str, sender: str) -> bool:
    """Return whether a name is the sender's domain, or above or below it."""
    domain = name.rpartition('@')[2].rstrip('.')
    return (
        domain == sender
        or domain.endswith(f'.{sender}')
        or ('.' in domain and sender.endswith(f'.{domain}'))
    )


def is_proven(mail: Message, sender: str) -> bool:
    """Return whether our own scanner found that the sender's domain sent a mail.

    Mail handed in by our own users was received in another way and proves nothing.
    """
    way = _RECEIVED.search((_values(mail, 'Received') or [''])[0])
    if not way:
        return False
    own = way[1].lower()
    found = [_without_comments(each) for each in _values(mail, 'Authentication-Results')]
    ours = [each for each in found if each.partition(';')[0].strip().lower() == own]
    if len(ours) != 1:
        return False
    properties = {'dmarc=pass': 'header.from', 'dkim=pass': 'header.d', 'spf=pass': 'smtp.mailfrom'}
    results = [(method, known) for method, known in _results(ours[0]) if method in properties]
    if any(method.startswith('dmarc=fail') for method, _known in _results(ours[0])):
        return False
    return any(_is_of(known.get(properties[method], ''), sender) for method, known in results)


def _decoded(mail: Message) -> Iterator[bytes]:
    """Yield the contents of a mail's parts."""
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            return
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content.removeprefix(_MARK)


def _content(mail: Message) -> bytes:
    """Return what looks like a report, whatever its type and name say; packed ones first."""
    contents = list(_decoded(mail))
    for content in contents:
        if is_packed(content):
            return content
    for content in contents:
        if content.lstrip().startswith(_PLAIN):
            return content
    raise refuse('report-none')


def read_head(head: bytes) -> Message:
    """Return the headers of a mail; of one cut off anywhere those that are there."""
    try:
        return email.message_from_bytes(head, policy=email.policy.compat32)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise refuse('report-garbage', 'not a mail') from error


def read(data: bytes) -> Letter:
    """Return what matters of a mail."""
    mail = read_head(data)
    domain, sender = recipient_domain(mail), sender_domain(mail)
    if not is_proven(mail, sender):
        raise refuse('report-unproven', sender)
    try:
        return Letter(domain, sender, _content(mail))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise refuse('report-garbage', 'a mail whose parts cannot be told apart') from error
