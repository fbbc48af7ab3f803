# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events from the lines of Dovecot 2.4: deliveries, and what Sieve scripts do.

The Message-ID stands in the middle of a line and may hold anything; the action stands at the end.
So a line is read from its end: the last place where an action begins counts.

DIAGNOSTICS
    Nothing is raised: a line that is no event is None.
"""

import re
from collections.abc import Mapping

from .log_events import Event, RuleActed, RuleAction
from .postfix_lines import message_id, shown

SOURCE = 'dovecot'
_OWNER = re.compile(r'lmtp\(([^()\s]+)\)<\d+><([^<>\s]+)>: ')
_ACTED = re.compile(
    r'(?:[\w-]+: )*msgid=(.*): (?:'
    r"(?P<stored>stored mail into mailbox '(?P<folder>.*)'(?: \(.*\))?)|"
    r'(?P<saved>saved mail to (?P<plain>.*))|'
    r'(?P<forwarded>forwarded to <(?P<to>[^<>]*)>)|'
    r'(?P<discarded>[Mm]arked message to be discarded if not explicitly delivered .*)|'
    r'(?P<rejected>rejected message from <[^<>]*> \((?:e?reject)\))|'
    r'(?P<replied>sent vacation response to <(?P<asker>[^<>]*)>)|'
    r"(?P<looped>not forwarding message to <(?P<loop>[^<>]*)>: the '[\w-]+' header indicates .*)|"
    r'(?P<failed>(?:failed to store into mailbox|save failed to) (?P<words>.*))'
    r')'
)
_TARGETS: Mapping[str, tuple[RuleAction, str]] = {
    'stored': ('stored', 'folder'),
    'saved': ('stored', 'plain'),
    'forwarded': ('forwarded', 'to'),
    'discarded': ('discarded', ''),
    'rejected': ('rejected', ''),
    'replied': ('replied', 'asker'),
    'looped': ('looped', 'loop'),
    'failed': ('failed', 'words'),
}
LONGEST_NAME = 200
_RULED = re.compile(r'sieve: DEBUG: (rule|common) ((?:[0-9a-f]{2}){1,200})')
_BY_RULE = re.compile(r'(.*): [a-z]+ action')


def _ruled(text: str, mailbox: str, session: str) -> Event | None:
    """The filter of ours that acts; only our own scripts can log such a line."""
    found = _RULED.fullmatch(text)
    if found is None:
        return None
    name = bytes.fromhex(found[2]).decode('utf-8', 'ignore')
    action: RuleAction = 'ruled' if found[1] == 'rule' else 'common'
    return RuleActed(session[:100], mailbox, action, '', shown(name, LONGEST_NAME), by_rule=True)


def _acted(text: str, mailbox: str, session: str) -> Event | None:
    found = _ACTED.fullmatch(text)
    if found is None:
        return None
    kind = next(name for name in _TARGETS if found[name] is not None)
    action, group = _TARGETS[kind]
    target = shown(found[group] or '', LONGEST_NAME) if group else ''
    by_rule = _BY_RULE.fullmatch(found[1])
    name = message_id(by_rule[1] if by_rule else found[1])
    return RuleActed(session[:100], mailbox, action, name, target, bool(by_rule))


def read(text: str) -> Event | None:
    """The event of a line of Dovecot."""
    found = _OWNER.match(text)
    if found is None:
        return None
    mailbox, session = found.groups()
    rest = text[found.end() :]
    mailbox = shown(mailbox, 320).lower()
    return _ruled(rest, mailbox, session) or _acted(rest, mailbox, session)
