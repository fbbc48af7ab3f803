# SPDX-License-Identifier: AGPL-3.0-or-later
"""The message reports come in: its domain, its proven sender, its contents.

Postfix writes the address a mail came for above everything the sender wrote, and Rspamd
removes results in our name that came with a mail. So the first of these headers is true.

Rspamd writes values with special signs between double quotes, and does not escape a
backslash in them. So a header is believed (RFC 8601) where both readings agree: quotes hold
no sign that could end them, a comment or a result.

DIAGNOSTICS
    report-garbage    not a mail, or not one for us
    report-unproven   SPF, DKIM and DMARC do not prove the domain in From
    report-none       nothing in it that could be a report
"""

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message

from ..directory.address import parse, parse_domain
from ..errors import MailError
from .reject_reason import refuse
from .unpack import MOST_PACKED, is_packed, is_plain

MOST_MESSAGE = 2 * MOST_PACKED
MOST_PARTS = 20
_LONGEST = 16 * 1024
"""Characters of a header that are looked at."""
_RECEIVED = re.compile(r'\bby (\S{1,255}) \(Postfix\) with (?:UTF8|E)?SMTPS? id ')
_QUOTED = re.compile(r'"([^"\\();]*)"')
_FOLDED = re.compile(r'\s+')
_SIGNS = re.compile(r'\\.|["()]|[^\\"()]+', re.DOTALL)


@dataclass(frozen=True)
class Letter:
    """A mail that may hold reports: the domain it came for, the sender's, and the contents."""

    domain: str
    sender: str
    contents: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse names that are not in normal form."""
        for name in (self.domain, self.sender):
            if parse_domain(name) != name:
                raise ValueError(f'Not in normal form: {name!r}')


def _text(value: object) -> str:
    """A header's value as text; raw bytes in it are taken for UTF-8 (RFC 6532)."""
    raw = str(value)[:_LONGEST].encode('utf-8', 'surrogateescape')
    return _FOLDED.sub(' ', raw.decode('utf-8', 'replace')).strip()


def values(mail: Message, name: str) -> list[str]:
    """The values of all headers of a name, each on one line."""
    return [_text(value) for key, value in mail.raw_items() if key.lower() == name.lower()]


def recipient_domain(mail: Message) -> str:
    """The domain of the address a mail was sent to."""
    try:
        return parse((values(mail, 'X-Original-To') or [''])[0].strip('<>')).domain
    except MailError as error:
        raise refuse('report-garbage', 'Postfix did not say for whom it was') from error


def _bare(text: str) -> str:
    """A header without comments and quoted strings (RFC 5322, 3.2); '' if one is open."""
    kept: list[str] = []
    depth, is_quoted = 0, False
    for sign in _SIGNS.findall(text):
        if sign == '"' and not depth:
            is_quoted = not is_quoted
        elif sign in '()' and not is_quoted:
            depth += 1 if sign == '(' else -1
            if depth < 0:
                return ''
        elif not depth and not is_quoted:
            kept.append(sign)
    return '' if depth or is_quoted else ''.join(kept)


def sender_domain(mail: Message) -> str:
    """The domain of the one address in From, without name and comment around it."""
    found = [_bare(value) for value in values(mail, 'From')]
    if len(found) != 1 or found[0].count('@') != 1:
        raise refuse('report-unproven', f'{len(found)} From, not one address')
    start, opened, rest = found[0].rpartition('<')
    address, closed, behind = rest.partition('>')
    if bool(opened) != bool(closed) or behind.strip() or '@' in start:
        raise refuse('report-unproven', 'no address in From')
    try:
        return parse_domain(address.rpartition('@')[2].strip())
    except MailError as error:
        raise refuse('report-unproven', error.detail or str(error)) from error


def _without_quotes(text: str) -> str:
    """A header whose quotes are harmless, without them; a quoted value with blanks is none."""
    return _QUOTED.sub(lambda found: '-' if re.search(r'\s', found[1]) else found[1], text)


def _without_comments(text: str) -> str:
    """A header without quotes and comments; '' if it can be read in more than one way."""
    plain = _without_quotes(text)
    return '' if len(text) == _LONGEST or '"' in plain or '\\' in plain else _bare(plain)


def _results(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each method with its result, and the properties behind it."""
    for part in text.split(';')[1:]:
        method, *words = part.split() or ['']
        yield method.lower(), dict(word.lower().split('=', 1) for word in words if '=' in word)


def _is_of(name: str, sender: str) -> bool:
    """Whether a name is the sender's domain, or above or below it."""
    domain = name.rpartition('@')[2].rstrip('.')
    return (
        domain == sender
        or domain.endswith(f'.{sender}')
        or ('.' in domain and sender.endswith(f'.{domain}'))
    )


def results_of(mail: Message, host: str) -> list[tuple[str, dict[str, str]]]:
    """The results a host wrote into a mail: each method with its result, and its properties.

    None are believed where there is not exactly one header of the host, or that one can be read
    in more than one way.
    """
    found = [_without_comments(each) for each in values(mail, 'Authentication-Results')]
    ours = [each for each in found if each.partition(';')[0].strip().lower() == host]
    return list(_results(ours[0])) if len(ours) == 1 else []


def receiver(received: str) -> str:
    """The name in which our Postfix took a mail from another server, '' if it did not."""
    way = _RECEIVED.search(received)
    return way[1].lower() if way else ''


def proves(results: Iterable[tuple[str, dict[str, str]]], sender: str) -> bool:
    """Whether results say that the sender's domain sent a mail."""
    found = list(results)
    properties = {'dmarc=pass': 'header.from', 'dkim=pass': 'header.d', 'spf=pass': 'smtp.mailfrom'}
    if any(method.startswith('dmarc=fail') for method, _known in found):
        return False
    return any(
        _is_of(known.get(properties[method], ''), sender)
        for method, known in found
        if method in properties
    )


def is_proven(mail: Message, sender: str) -> bool:
    """Whether our own scanner found that the sender's domain sent a mail.

    Mail handed in by our own users was received in another way and proves nothing.
    """
    own = receiver((values(mail, 'Received') or [''])[0])
    return bool(own) and proves(results_of(mail, own), sender)


def _decoded(mail: Message) -> Iterator[bytes]:
    """Yield the contents of a mail's parts."""
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            return
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content


def _contents(mail: Message) -> tuple[bytes, ...]:
    """Parts that look like a report, whatever their type and name say; packed ones first."""
    contents = list(_decoded(mail))
    found = [*filter(is_packed, contents), *filter(is_plain, contents)]
    if not found:
        raise refuse('report-none')
    return tuple(found)


def read_head(head: bytes) -> Message:
    """The headers of a mail; of one cut off anywhere those that are there."""
    try:
        return email.message_from_bytes(head, policy=email.policy.compat32)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise refuse('report-garbage', 'not a mail') from error


def read(data: bytes) -> Letter:
    """The domain, sender and reports of a message."""
    mail = read_head(data)
    domain, sender = recipient_domain(mail), sender_domain(mail)
    if not is_proven(mail, sender):
        raise refuse('report-unproven', sender)
    try:
        return Letter(domain, sender, _contents(mail))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise refuse('report-garbage', 'a mail whose parts cannot be told apart') from error
