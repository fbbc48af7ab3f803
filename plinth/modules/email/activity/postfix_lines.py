# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events from the lines of Postfix 3.10.

A line counts by its whole form. Its first part is Postfix's own; replies of other servers stand
at its end, in parentheses, and may hold anything, also what looks like a line of Postfix. Lines
about a refusal end with the envelope, whose parts are the client's, and repeat them before: where
the envelope could begin at more than one place it is not read.

DIAGNOSTICS
    Nothing is raised: a line that is no event is None.
"""

import re
from collections.abc import Callable, Mapping

from .log_events import (
    LONGEST_ADDRESS,
    LONGEST_ID,
    LONGEST_TEXT,
    Arrived,
    Attempt,
    Canceled,
    Decided,
    Decision,
    Event,
    Expired,
    Named,
    Notice,
    Noticed,
    Queued,
    Removed,
    Switched,
    Tried,
    Way,
)
from .status_codes import answer_in

ADDRESS = r'(?:"(?:[^"\\]|\\.)*"(?:@[^<>\s"]*)?|[^<>\s"]*)'
"""As Postfix logs one (`info_log_address_format = external`); empty for the null sender."""
ID = r'(?!NOQUEUE:)[0-9A-Za-z]{6,24}'
_HOST = r'[^\s\[\]=,<>]+\[([^\]\s]*)\](?::\d+)?'
_CODE = r'[245]\.\d{1,3}\.\d{1,3}'

_ARRIVED = re.compile(
    rf'({ID}): client=([^\s\[\]=,<>]+)\[([^\]\s]*)\](?::\d+)?(?:, orig_queue_id=({ID}))?'
    r'(?:, orig_client=[^,\s]+)?(?:, sasl_method=[^,\s]+)?(?:, sasl_username=([^,\s]+))?'
    r'(?:, sasl_sender=.*)?'
)
_PICKED_UP = re.compile(rf'({ID}): uid=\d+ from=<{ADDRESS}>(?: orig_id=({ID}))?')
_NAMED = re.compile(rf'({ID}): message-id=(.*)')
_QUEUED = re.compile(rf'({ID}): from=<({ADDRESS})>, size=(\d+), nrcpt=(\d+) \(queue active\)')
_EXPIRED = re.compile(rf'({ID}): from=<{ADDRESS}>, status=(?:force-)?expired, returned to sender')
_REMOVED = re.compile(rf'({ID}): removed')
_CANCELED = re.compile(rf'({ID}): (?:removed \()?canceled\b.*')
_TOO_LARGE = re.compile(rf'warning: ({ID}): queue file size limit exceeded')
_TRIED = re.compile(
    rf'({ID}): to=<({ADDRESS})>, (?:orig_to=<({ADDRESS})>, )?relay=([^,\s]+), '
    r'(?:conn_use=\d+, )?delay=[\d.]+, delays=[\d./]+, (?:tls=[^,\s]+, )?'
    rf'dsn=({_CODE}), status=(sent|deferred|bounced|expired|SOFTBOUNCE) \((.*)\)'
)
_DECIDED = re.compile(
    rf'(NOQUEUE|{ID}): (milter-)?(reject|hold|discard): ([A-Z][A-Za-z -]*?) from '
    r'(?:[^\s\[\]=,<>]*)\[([^\]\s]*)\](?::\d+)?: (.*);'
    rf'(?: from=<({ADDRESS})>,?)?(?: to=<({ADDRESS})>,?)? proto=[A-Z0-9]+,?'
    rf'(?: helo=<[^<>\s]*>)?(?: sasl_method=[^<>\s]*)?(?: sasl_username=<?({ADDRESS})>?)?'
)
_DECIDED_HEAD = re.compile(
    rf'({ID}): (milter-)?(reject|hold|discard): ([A-Z][A-Za-z -]*?) from '
    r'[^\s\[\]=,<>]*\[([^\]\s]*)\](?::\d+)?: ([^;]*);.*'
)
_ONCE = ('; from=<', ' to=<', ' proto=', ' helo=<', ' sasl_username=')
"""Parts of an envelope in a refusal; one that is there twice was also written by the client."""
_WORDS = re.compile(rf'(?:([245]\d\d)[ -])?(?:({_CODE}) )?(.*)')
_NOTICED = re.compile(
    rf'({ID}): (sender|postmaster) (non-delivery|delay|delivery status) notification: ({ID})'
)
_SWITCHED = re.compile(rf'({ID}): (placed on hold|released from hold)')
_SAVED = re.compile(rf'250 2\.\d+\.\d+ <{ADDRESS}> (\S+) Saved')
_FORWARDED_AS = re.compile(rf'forwarded as ({ID})')
_QUEUED_AS = re.compile(rf'250 2\.0\.0 Ok: queued as ({ID})')
_OWN_RELAY = re.compile(r'[^,\s]*\[(?:127\.0\.0\.1|::1|private/[\w-]+|public/[\w-]+)\](?::\d+)?')
_DOVECOT = '[private/dovecot-lmtp]'


def shown(text: str, most: int = LONGEST_TEXT) -> str:
    """Text of others as it is kept: one line, printable, no longer than `most`."""
    cut = text[:most]
    if cut.isprintable():
        return cut
    return ''.join(sign if sign.isprintable() else '?' for sign in cut)


def _address(text: str | None) -> str:
    return shown(text or '', LONGEST_ADDRESS)


def message_id(text: str) -> str:
    """A Message-ID without its brackets."""
    return shown(text.strip().removeprefix('<').removesuffix('>'), LONGEST_ID)


def _way(service: str, login: str) -> Way:
    """How a message came in, by the service that took it."""
    if service == 'sieve':
        return 'rule'
    return 'login' if login else 'server'


_DECISIONS: Mapping[str, Decision] = {'reject': 'reject', 'hold': 'hold', 'discard': 'discard'}


def _decision(parts: tuple[str, ...], sender: str, recipient: str, login: str) -> Event | None:
    number, milter, decision, stage, client, words = parts
    reply = _WORDS.fullmatch(words)
    if reply is None:
        return None
    code = reply[2] or reply[1] or ''
    return Decided(
        '' if number == 'NOQUEUE' else number, _DECISIONS[decision], stage, client, code,
        shown(reply[3]), _address(sender), _address(recipient), _address(login),
        bool(milter), (reply[1] or code).startswith('4'),
    )  # fmt: skip


def _decided(text: str, service: str) -> Event | None:
    """A refusal and the like; without an envelope where that has two readings.

    On port 25, which is no service of its own, there are no logins.
    """
    found = _DECIDED.fullmatch(text)
    if found and not any(text.count(part) > 1 for part in _ONCE):
        *parts, sender, recipient, login = found.groups()
        return _decision(tuple(parts), sender, recipient, login if service else '')
    found = _DECIDED_HEAD.fullmatch(text)
    return _decision(found.groups(), '', '', '') if found else None


def _smtpd(text: str, service: str) -> Event | None:
    if found := _ARRIVED.fullmatch(text):
        number, host, client, earlier, login = found.groups()
        way = _way(service, login or '')
        return Arrived(number, way, client, host[:255], _address(login), earlier or '')
    return _decided(text, service)


def _cleanup(text: str, service: str) -> Event | None:
    if found := _NAMED.fullmatch(text):
        return Named(found[1], message_id(found[2]))
    if found := _TOO_LARGE.fullmatch(text):
        return Decided(found[1], 'reject', 'DATA', code='5.3.4', text='message too large')
    if found := _CANCELED.fullmatch(text):
        return Canceled(found[1])
    return _decided(text, service)


def _pickup(text: str, _service: str) -> Event | None:
    found = _PICKED_UP.fullmatch(text)
    return Arrived(found[1], 'program', earlier_id=found[2] or '') if found else None


def _qmgr(text: str, _service: str) -> Event | None:
    if found := _QUEUED.fullmatch(text):
        return Queued(found[1], _address(found[2]), int(found[3][:15]), int(found[4][:9]))
    if found := _REMOVED.fullmatch(text):
        return Removed(found[1])
    if found := _EXPIRED.fullmatch(text):
        return Expired(found[1])
    return _tried(text, 'qmgr')


_RESULTS: Mapping[str, Attempt] = {
    'sent': 'sent', 'deferred': 'deferred', 'bounced': 'bounced', 'expired': 'expired',
    'SOFTBOUNCE': 'deferred',
}  # fmt: skip


def _session(agent: str, relay: str, reply: str) -> str:
    """Dovecot's session, if it was Dovecot that answered."""
    is_dovecot = agent == 'lmtp' and relay.endswith(_DOVECOT)
    found = _SAVED.fullmatch(reply) if is_dovecot else None
    return found[1][:100] if found else ''


def _next_id(agent: str, relay: str, reply: str) -> str:
    """The number of the message this delivery made here; another server's number is not ours."""
    if agent == 'local':
        found = _FORWARDED_AS.fullmatch(reply)
    else:
        found = _QUEUED_AS.fullmatch(reply) if _OWN_RELAY.fullmatch(relay) else None
    return found[1] if found else ''


def _tried(text: str, agent: str) -> Event | None:
    found = _TRIED.fullmatch(text)
    if found is None:
        return None
    number, to, asked_for, relay, code, status, reply = found.groups()
    reply = answer_in(reply)
    return Tried(
        number, _address(to), _address(asked_for), agent, relay[:300], _RESULTS[status], code,
        shown(reply), _session(agent, relay, reply), _next_id(agent, relay, reply),
    )  # fmt: skip


_NOTICES: Mapping[tuple[str, str], Notice] = {
    ('sender', 'non-delivery'): 'returned',
    ('sender', 'delay'): 'delayed',
    ('sender', 'delivery status'): 'success',
}


def _bounce(text: str, _service: str) -> Event | None:
    found = _NOTICED.fullmatch(text)
    if found is None:
        return None
    return Noticed(found[1], _NOTICES.get((found[2], found[3]), 'postmaster'), found[4])


def _postsuper(text: str, _service: str) -> Event | None:
    if found := _SWITCHED.fullmatch(text):
        return Switched(found[1], found[2].startswith('placed'))
    found = _REMOVED.fullmatch(text)
    return Removed(found[1], is_by_hand=True) if found else None


def _agent(name: str) -> Callable[[str, str], Event | None]:
    def read(text: str, _service: str) -> Event | None:
        return _tried(text, name)

    return read


_READERS: Mapping[str, Callable[[str, str], Event | None]] = {
    'smtpd': _smtpd,
    'postscreen': _decided,
    'cleanup': _cleanup,
    'pickup': _pickup,
    'qmgr': _qmgr,
    'bounce': _bounce,
    'postsuper': _postsuper,
    **{name: _agent(name)
       for name in ('smtp', 'lmtp', 'local', 'virtual', 'pipe', 'error', 'retry', 'discard')},
}  # fmt: skip
PREFIX = 'postfix/'


def read(text: str, source: str) -> Event | None:
    """The event of a line by a program such as `postfix/submission/smtpd`."""
    service, _, program = source.removeprefix(PREFIX).rpartition('/')
    reader = _READERS.get(program)
    return reader(text, service) if reader else None
