# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Sieve script of the rules of a mailbox, as pure text.

The automatic reply comes first, so that no filter prevents it; but mail that a filter discards is
not answered. In the form Roundcube reads: each rule is one block with its name in a comment.
"""

from collections.abc import Sequence
from typing import Literal

from ..config.state import MADE
from ..directory.mail_filter import KB, FilterCondition, Filters, MailFilter
from ..directory.vacation import Vacation
from .own_addresses import NO_ADDRESSES, OwnAddresses
from .sieve_text import block, joined, quoted, require, strings

REPLY_TITLE = 'Automatic reply'
REPLY_TITLE_SHARED = 'Automatic reply (shared addresses)'
_HEADERS = {'from': ['from'], 'to': ['to', 'cc'], 'subject': ['subject'], 'list': ['list-id']}
_DEBUG = 'vnd.dovecot.debug'
LONGEST_LOGGED = 120
Logged = Literal['', 'rule', 'common']
"""The word with which a script logs its filters: those of a mailbox, or of all mailboxes."""
_MADE_BY_PROGRAMS = ['auto-generated', 'auto-replied', 'auto-notified']
_TO_MANY = ['bulk', 'junk', 'list']


def condition_test(condition: FilterCondition) -> str:
    """The test of one condition."""
    value = quoted(condition.value)
    match condition.field:
        case 'larger':
            return f'size :over {KB * int(condition.value)}'
        case 'smaller':
            return f'size :under {KB * int(condition.value)}'
        case 'label':
            return f'envelope :detail :{condition.comparison} "to" {value}'
        case 'from' | 'to' if condition.comparison == 'is':
            return f'address :is {strings(_HEADERS[condition.field])} {value}'
    return f'header :{condition.comparison} {strings(_HEADERS[condition.field])} {value}'


def filter_test(each: MailFilter) -> str:
    """The test of a filter."""
    return joined([condition_test(condition) for condition in each.conditions], each.match)


def _actions(each: MailFilter) -> list[str]:
    """The actions of a filter; a flag comes first, as it is for what follows."""
    found = []
    if each.flag:
        found.append(f'addflag {quoted(chr(92) + each.flag.capitalize())};')
    if each.forward:
        found.append(f'redirect :copy {quoted(each.forward)};')
    if each.folder:
        found.append(f'fileinto :create {quoted(each.folder)};')
    if each.discard:
        found.append('discard;')
    if each.stop:
        found.append('stop;')
    return found


def _log_line(logged: Logged, name: str) -> list[str]:
    """The action that has Dovecot log which filter acts, where Dovecot can.

    `ihave` (RFC 5463) lets the script work without. The name is in hexadecimal, so that no name
    looks like another line of the log.
    """
    if not logged:
        return []
    said = f'{logged} {name.encode()[:LONGEST_LOGGED].hex()}'
    return [f'if ihave "{_DEBUG}" {{ debug_log {quoted(said)}; }}']


def filter_blocks(filters: Filters, logged: Logged = '') -> list[str]:
    """The blocks of the filters that are turned on."""
    return [
        block(each.name, filter_test(each), [*_log_line(logged, each.name), *_actions(each)])
        for each in filters
        if each.enabled
    ]


def _reply_tests(vacation: Vacation, filters: Filters) -> list[str]:
    """The tests of mail that gets the automatic reply."""
    tests = []
    if vacation.first_day:
        tests.append(f'currentdate :value "ge" "date" {quoted(vacation.first_day.isoformat())}')
    if vacation.last_day:
        tests.append(f'currentdate :value "le" "date" {quoted(vacation.last_day.isoformat())}')
    tests.append('not exists "list-id"')
    tests.append(f'not header :is "precedence" {strings(_TO_MANY)}')
    tests.append(f'not header :contains "auto-submitted" {strings(_MADE_BY_PROGRAMS)}')
    thrown_away = (each for each in filters if each.enabled and each.discard)
    return [*tests, *(f'not {filter_test(each)}' for each in thrown_away)]


def _reply_action(vacation: Vacation, addresses: Sequence[str], sender: str = '') -> str:
    """The action that answers mail to one of the addresses alone, as that one or as a sender."""
    words = [f'vacation :days {vacation.days}', f':addresses {strings(addresses)}']
    if sender:
        words.append(f':from {quoted(sender)}')
    if vacation.subject:
        words.append(f':subject {quoted(vacation.subject)}')
    return ' '.join([*words, f'{quoted(vacation.text)};'])


def reply_blocks(vacation: Vacation, addresses: OwnAddresses, filters: Filters = ()) -> list[str]:
    """The blocks of the automatic reply.

    Mail to an address the mailbox may not send as, of a team for example, is answered as the
    mailbox.
    """
    tests = _reply_tests(vacation, filters)
    usual = _reply_action(vacation, addresses.own)
    if not addresses.others:
        return [block(REPLY_TITLE, joined(tests), [usual])]
    to = strings(_HEADERS['to'])
    shared = [
        *tests, f'address :is {to} {strings(addresses.others)}',
        f'not address :is {to} {strings(addresses.own)}',
    ]  # fmt: skip
    action = _reply_action(vacation, addresses.others, addresses.own[0])
    return [
        block(REPLY_TITLE_SHARED, joined(shared), [action]),
        block(REPLY_TITLE, joined(tests), [usual], 'elsif'),
    ]


def _needed(filters: Filters, has_reply: bool) -> set[str]:
    """The extensions a script needs."""
    on = [each for each in filters if each.enabled]
    fields = {condition.field for each in on for condition in each.conditions}
    uses = {
        'vacation': has_reply, 'date': has_reply, 'relational': has_reply,
        'fileinto': any(each.folder for each in on), 'mailbox': any(each.folder for each in on),
        'imap4flags': any(each.flag for each in on), 'copy': any(each.forward for each in on),
        'envelope': 'label' in fields, 'subaddress': 'label' in fields,
    }  # fmt: skip
    return {name for name, is_used in uses.items() if is_used}


def script(
    vacation: Vacation | None,
    filters: Filters,
    addresses: OwnAddresses = NO_ADDRESSES,
    logged: Logged = '',
) -> str:
    """The whole script of the rules of a mailbox, '' where there is nothing to do."""
    reply = vacation if vacation and vacation.enabled else None
    blocks = reply_blocks(reply, addresses, filters) if reply else []
    blocks += filter_blocks(filters, logged)
    if not blocks:
        return ''
    needed = _needed(filters, bool(reply)) | ({'ihave'} if logged else set())
    return f'# {MADE}\n{require(needed)}' + ''.join(blocks)


def probe(each: MailFilter) -> str:
    """A script that discards what meets the conditions of a filter, to be tried and never used."""
    body = block(each.name, filter_test(each), ['discard;'])
    return f'{require(_needed((each,), has_reply=False))}{body}'
