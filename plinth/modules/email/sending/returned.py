# SPDX-License-Identifier: AGPL-3.0-or-later
"""A test message that came back: who answered, and how both sides judged what they got.

What comes back is hostile. Of its results (RFC 8601) only those of our own scanner count, in the
one header that has our name, of a message another server brought to our Postfix. What the other
side says about our message is a copy of it in the answer: it counts if our own scanner proved that
the answer is from the domain we wrote to, and the copy has the random Message-ID of the test.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Literal

from ..directory.address import parse_domain
from ..errors import MailError
from ..reports import message
from ..system.json_value import JsonValue
from .received_field import ReceivedField, received_by_others

Method = Literal['spf', 'dkim', 'dmarc']
METHODS: tuple[Method, ...] = ('spf', 'dkim', 'dmarc')
RESULTS = frozenset({'pass', 'fail', 'softfail', 'neutral', 'none', 'temperror', 'permerror'})
"""The results that have a sentence (RFC 8601, 2.7); others count as `missing`."""
MISSING = 'missing'
MOST_PARTS = 20
LONGEST_WORDS = 200
_PROPERTIES = {
    'spf': ('smtp.mailfrom', 'smtp.helo'),
    'dkim': ('header.d', 'header.i'),
    'dmarc': ('header.from',),
}
_LMTP = re.compile(r'\bby \S{1,255} with LMTPS? id ')
_COPIES = ('message/rfc822', 'text/rfc822-headers')


@dataclass(frozen=True)
class MethodResult(JsonValue):
    """The result of one method, and the domain it is about, '' if that is not said."""

    method: Method
    result: str = MISSING
    domain: str = ''

    def __post_init__(self) -> None:
        """Refuse results without a sentence, and names that are not in normal form."""
        if self.result not in RESULTS | {MISSING}:
            raise ValueError(f'no result: {self.result!r}')
        if self.domain and parse_domain(self.domain) != self.domain:
            raise ValueError(f'Not in normal form: {self.domain!r}')


@dataclass(frozen=True)
class Judgement(JsonValue):
    """How a host judged a message, by each of the methods."""

    host: str
    results: tuple[MethodResult, ...]

    @property
    def is_good(self) -> bool:
        """Whether each method passed."""
        return all(each.result == 'pass' for each in self.results)


@dataclass(frozen=True)
class RoundTripAnswer(JsonValue):
    """An answer to the test message: how we judged it, and what its sender says of ours."""

    sender: str = ''
    """The domain of the sender, '' where it is not proven."""
    ours: Judgement | None = None
    theirs: Judgement | None = None
    received: ReceivedField | None = None
    """How its server took ours; None where it does not say."""
    refused: str = ''
    """The words of a server that did not take the message, where this is a bounce."""
    is_bounce: bool = False


def _name(text: str) -> str:
    """The domain in a property, '' when it is none."""
    try:
        return parse_domain(text.rpartition('@')[2].rstrip('.'))
    except MailError:
        return ''


def _best(method: Method, found: list[tuple[str, dict[str, str]]]) -> MethodResult:
    """The result of a method; of several signatures a valid one counts."""
    mine = [
        (said.partition('=')[2], known) for said, known in found if said.startswith(f'{method}=')
    ]
    mine = [(result, known) for result, known in mine if result in RESULTS]
    if not mine:
        return MethodResult(method)
    result, known = next((each for each in mine if each[0] == 'pass'), mine[0])
    names = (_name(known.get(name, '')) for name in _PROPERTIES[method])
    return MethodResult(method, result, next(filter(None, names), ''))


def judgement(mail: Message, host: str) -> Judgement | None:
    """The judgement of a host in a message; None where it wrote none that can be believed."""
    found = message.results_of(mail, host)
    if not found:
        return None
    return Judgement(host, tuple(_best(method, found) for method in METHODS))


def own_name(mail: Message) -> str:
    """The name in which our Postfix took a stored message from another server, '' if it did not.

    Above Postfix's line there is only the one of Dovecot, which stored it.
    """
    lines = message.values(mail, 'Received')
    if lines and _LMTP.search(lines[0]):
        lines = lines[1:]
    return message.receiver(lines[0]) if lines else ''


def _top(mail: Message) -> str:
    """The name in the first header with results, '' when it is none."""
    found = message.values(mail, 'Authentication-Results')
    return _name(found[0].partition(';')[0].split(' ')[0].lower()) if found else ''


def _parts(mail: Message, *kinds: str) -> Iterator[Message]:
    """Yield the parts of some kinds."""
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            return
        if part.get_content_type() in kinds:
            yield part


def _copies(mail: Message) -> Iterator[Message]:
    """Yield the copies of other messages in a message, as far as their headers go."""
    for part in _parts(mail, *_COPIES):
        payload = part.get_payload()
        if isinstance(payload, list):
            yield from (each for each in payload if isinstance(each, Message))
        elif isinstance(content := part.get_payload(decode=True), bytes):
            yield message.read_head(content)


def _copy_of(mail: Message, message_id: str) -> Message | None:
    """The copy of the message with this Message-ID, None when there is none."""
    found = (each for each in _copies(mail) if message.values(each, 'Message-ID') == [message_id])
    return next(found, None)


def _refusal(mail: Message) -> str:
    """The words of the server that refused a message, from a report on delivery (RFC 3464)."""
    for part in _parts(mail, 'message/delivery-status'):
        payload = part.get_payload()
        for each in payload if isinstance(payload, list) else ():
            if isinstance(each, Message) and (said := message.values(each, 'Diagnostic-Code')):
                words = said[0].partition(';')[2].strip() or said[0]
                return ''.join(filter(str.isprintable, words))[:LONGEST_WORDS]
    return ''


def _is_bounce(mail: Message) -> bool:
    is_report = mail.get_content_type() == 'multipart/report'
    return is_report and mail.get_param('report-type') == 'delivery-status'


def _proven(mail: Message, host: str) -> str:
    """The domain that really sent a message, '' when that is not proven."""
    try:
        sender = message.sender_domain(mail)
    except MailError:
        return ''
    return sender if message.proves(message.results_of(mail, host), sender) else ''


def read(data: bytes, message_id: str, domain: str) -> RoundTripAnswer | None:
    """The answer in a message to the test that went to a domain; None when it is none."""
    try:
        return _read(
            email.message_from_bytes(data, policy=email.policy.compat32), message_id, domain
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _read(mail: Message, message_id: str, domain: str) -> RoundTripAnswer | None:
    copy, host = _copy_of(mail, message_id), own_name(mail)
    if _is_bounce(mail):
        return RoundTripAnswer(refused=_refusal(mail), is_bounce=True) if copy else None
    said = ' '.join([*message.values(mail, 'In-Reply-To'), *message.values(mail, 'References')])
    if not host or not (copy or message_id in said.split(' ')):
        return None
    sender, ours = _proven(mail, host), judgement(mail, host)
    if copy is None or sender != domain:
        return RoundTripAnswer(sender, ours)
    return RoundTripAnswer(
        sender, ours, judgement(copy, _top(copy)), received_by_others(copy, host)
    )
