# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postfix's questions to the directory, see ldap_table(5).

Every answer comes from the entries the pages show; nothing is copied. An entry that is
switched off leads nowhere. An address is found before a pattern that means it too: a mailbox
stands for itself among the aliases, and so does what is switched off and then refused, so
that nothing behind it is asked. When the directory cannot be asked, a look-up fails for the
time being, and Postfix answers 4xx.
"""

import re

from ..directory.alias import REPORTS
from ..directory.pattern import MOST_SEPARATORS, SEPARATORS
from ..directory.suffix import BASE_DN
from .facts import Facts
from .sent import SENT
from .state import WholeFile, made

READER = 'reader@reports.invalid'
"""Stands for the program that reads reports; no one outside can write to it."""

_PATH = '/etc/postfix/freedombox-email-{}.cf'
_REPORTS = '/etc/postfix/freedombox-email-reports.regexp'
_NOTICES = '/etc/postfix/freedombox-email-notices.regexp'
_PATTERN = '/etc/postfix/freedombox-email-pattern-{}.regexp'
_ADDRESSES = '/etc/postfix/freedombox-email-addresses.regexp'
_ODD_SENDERS = '/etc/postfix/freedombox-email-odd-senders.regexp'
_LOCAL = '/etc/postfix/freedombox-email-local.regexp'
_ACCOUNTS = '/etc/postfix/freedombox-email-accounts.regexp'
_EVERYONE = '/etc/postfix/freedombox-email-everyone.regexp'
_DOMAINS = f'ou=domains,{BASE_DN}'
_MAILBOXES = f'ou=mailboxes,{BASE_DN}'
_ENABLED = '(fbxMailEnabled=TRUE)'
_ADDRESS = f'(fbxMailAddress=%u@%d){_ENABLED}'
"""`%u@%d`, unlike `%s`, leaves out look-ups of a bare name or a bare domain."""


def name(table: str) -> str:
    """How main.cf names a table."""
    return f'ldap:{_PATH.format(table)}'


def proxied(table: str) -> str:
    """How main.cf names a table that is asked through the proxy."""
    return f'proxy:{name(table)}'


def _table(table: str, base: str, query: str, result: str, *more: str) -> WholeFile:
    wanted = (f'result_attribute = {result}',) if result else ()
    lines = (
        'server_host = ldapi:///',
        'version = 3',
        'bind = sasl',
        'sasl_mechs = EXTERNAL',
        'timeout = 5',
        f'search_base = {base}',
        f'query_filter = {query}',
        *wanted,
        *more,
    )
    return made(_PATH.format(table), '\n'.join(lines) + '\n')


def _domain(match: str) -> str:
    return f'(&(objectClass=fbxMailDomain){match}{_ENABLED})'


def _domain_tables() -> tuple[WholeFile, ...]:
    """The tables that know domains, by either way of writing them."""
    any_form = '(|(fbxMailDomainName={0})(fbxMailDomainUnicode={0}))'
    return (
        _table('domains', _DOMAINS, _domain(any_form.format('%s')), 'fbxMailDomainName'),
        _table(
            'own-senders',
            _DOMAINS,
            _domain(any_form.format('%d')),
            'fbxMailDomainName',
            'result_format = REJECT 5.7.1 To send as an address of %s, log in first',
        ),
        _table(
            'canonical',
            _DOMAINS,
            _domain(any_form.format('%d')),
            'fbxMailTarget',
            'result_format = %U@%s',
        ),
        _table(
            'everyone',
            _DOMAINS,
            _domain('(fbxMailEveryone=%s)'),
            'fbxMailTarget',
            'result_format = @%s',
        ),
    )


def _address_tables() -> tuple[WholeFile, ...]:
    """The tables that know addresses and who may use them."""
    return (
        _table('mailboxes', _MAILBOXES, f'(&(objectClass=fbxMailbox){_ADDRESS})', 'fbxMailAddress'),
        _table(
            'deliveries',
            _MAILBOXES,
            f'(&(objectClass=fbxMailbox){_ADDRESS})',
            'fbxMailAddress, fbxMailDestination',
            'terminal_result_attribute = fbxMailForwardOnly',
        ),
        _table(
            'off',
            BASE_DN,
            '(&(fbxMailAddress=%u@%d)(fbxMailEnabled=FALSE))',
            'fbxMailEnabled',
            'result_format = 550 5.2.1 This address is switched off',
        ),
        _table(
            'farewell',
            BASE_DN,
            '(&(fbxMailAddress=%u@%d)(fbxMailEnabled=FALSE))',
            'fbxMailFarewell',
            'result_format = 550 5.2.1 %s',
        ),
        _table(
            'aliases',
            f'ou=aliases,{BASE_DN}',
            f'(&(objectClass=fbxMailAlias){_ADDRESS})',
            'fbxMailDestination',
        ),
        _table('known', BASE_DN, '(fbxMailAddress=%u@%d)', 'fbxMailAddress'),
        _table('senders', BASE_DN, f'(&{_ADDRESS})', 'fbxMailAddress, fbxMailSender'),
        _table(
            'role-senders',
            f'ou=aliases,{BASE_DN}',
            f'(&(fbxMailOrigin=role){_ADDRESS})',
            'fbxMailDestination',
        ),
        _table('owners', BASE_DN, f'(&{_ADDRESS})', 'fbxMailOwnerId'),
        _table(
            'owned',
            _MAILBOXES,
            f'(&(objectClass=fbxMailbox)(fbxMailOwnerId=%s){_ENABLED})',
            'fbxMailAddress',
        ),
    )


def _sharing_tables() -> tuple[WholeFile, ...]:
    """The table of the members who may send as a shared mailbox.

    It takes nothing of the entry itself but the searches that stand in it, and makes those.
    """
    return (
        _table(
            'member-senders',
            _MAILBOXES,
            f'(&(objectClass=fbxMailbox){_ADDRESS}(!(fbxMailClosed=*)))',
            '',
            'special_result_attribute = fbxMailMemberSends',
            'leaf_result_attribute = fbxMailAddress',
        ),
    )


def _sent_table() -> WholeFile:
    """The table from a shared mailbox to where its sent mail goes."""
    shared = f'(&(objectClass=fbxMailbox){_ADDRESS}(fbxMailMember=*))'
    more = f'result_format = %u=%d@{SENT}'
    return _table('sent', _MAILBOXES, shared, 'fbxMailAddress', more)


def _pattern(separators: int) -> WholeFile:
    """The table from an address to the pattern with so many separators it fits.

    It knows no addresses with a label behind a plus sign: Postfix asks all tables for these
    first, and `shop-*` would take `shop-x+label@` from the user shop-x.
    """
    sign = SEPARATORS.replace('-', '') + '-'  # where it means itself inside brackets
    prefix = f'(([^@+{sign}]*[{sign}]){{{separators}}})'
    return made(_PATTERN.format(separators), f'/^{prefix}[^@+]+@(.+)$/ ${{1}}*@${{3}}\n')


def _whole_addresses() -> WholeFile:
    """The table from a whole address to itself without its label.

    An access check asks a table of fixed strings about the domain, each domain above it and
    the bare name too. A chain that begins with this one is asked about the address alone.
    """
    return made(_ADDRESSES, '/^([^+]+)\\+.*@([^@]+)$/ ${1}@${2}\n/^(.*@[^@]+)$/ ${1}\n')


def _odd_senders() -> WholeFile:
    """The table that has Postfix look up domains of senders which Rspamd cannot read.

    It takes such a sender for none at all. Of all others it asks whether the domain exists.
    """
    return made(_ODD_SENDERS, '/@[^@]*[^][:alnum:].:@-][^@]*$/ reject_unknown_sender_domain\n')


def _catch_all_tables() -> tuple[WholeFile, ...]:
    """The tables that are asked for `@domain`, when no other knows an address."""
    catch_all = r'(&(objectClass=fbxMailAlias)(fbxMailAddress=\2a%s)(fbxMailEnabled=TRUE))'
    base = f'ou=aliases,{BASE_DN}'
    return (
        _table('catch-all', base, catch_all, 'fbxMailDestination'),
        _table('catch-all-name', base, catch_all, 'fbxMailAddress'),
        made(_EVERYONE, '/^(@.+)$/ ${1}\n'),
    )


def _reports() -> WholeFile:
    """The table from the address for reports, in any domain, to this domain."""
    return made(_REPORTS, f'/^{REPORTS}@(.+)$/ ${{1}}\n')


def _notices() -> WholeFile:
    """The table from the senders of Postfix's own notices to who answers for them."""
    return made(_NOTICES, '/^(mailer-daemon|double-bounce)@(.+)$/ postmaster@${2}\n')


def _sieve(path: str) -> str:
    """How main.cf names regular expressions that are asked like a table of fixed strings.

    Postfix asks those about a whole address only. Beside a table of fixed strings, here one that
    knows nothing, it asks them about the address without its label and about `@domain` too.
    """
    return f'unionmap:{{inline:{{-=-}}, regexp:{path}}}'


def _pattern_of(chain: str) -> list[str]:
    """Look-ups that ask a chain for the patterns of an address, the most exact one first.

    The sieves run in the asking program, and the chain in proxymap only where a pattern could be
    meant. It has to stand among the tables by itself too, else proxymap does not answer.
    """
    found = (_PATTERN.format(number) for number in range(MOST_SEPARATORS, 0, -1))
    return [_pipe(_sieve(path), chain) for path in found]


def _logins(facts: Facts) -> tuple[WholeFile, ...]:
    """The tables by which `alice` at a name of this machine means her mailbox."""
    names = '|'.join(map(re.escape, facts.local_names))
    return (
        _table(
            'logins',
            _MAILBOXES,
            f'(&(objectClass=fbxMailbox)(fbxMailLogin=%u){_ENABLED})',
            'fbxMailAddress',
            f'domain = {", ".join(facts.local_names)}',
        ),
        made(_LOCAL, f'/^([^@]+@({names}))$/ ${{1}}\n'),
    )


def _accounts(facts: Facts) -> WholeFile:
    """Table from an account of this machine to the senders sendmail(1) takes from it.

    The command that adds mail to the queue asks it with the rights of that account, so it holds
    no names. An account is its own name and no other; root may be any.
    """
    names = ' '.join(f'${{1}}@{name}' for name in facts.local_names)
    return made(_ACCOUNTS, f'/^root$/ *\n/^([a-z0-9_][a-z0-9_.-]*)$/ ${{1}} {names} <>\n')


def _routes() -> tuple[WholeFile, ...]:
    """The tables of the ways out that mailboxes and domains chose."""
    chosen = '(fbxMailRoute=*)'
    mailbox = f'(&(objectClass=fbxMailbox)(fbxMailAddress=%u@%d){chosen})'
    domain = _domain(f'(fbxMailEveryone=%s){chosen}')
    return (
        _table('mailbox-routes', _MAILBOXES, mailbox, 'fbxMailRoute'),
        _table('domain-routes', _DOMAINS, domain, 'fbxMailRoute'),
    )


def mailbox_route() -> str:
    """Look-up of the way out a sender's mailbox chose, as a part of a chain."""
    return name('mailbox-routes')


def domain_route() -> str:
    """Look-up of the way out a sender's domain chose, as the beginning of a chain."""
    return f'{_sieve(_EVERYONE)}, {name("domain-routes")}'


def tables(facts: Facts) -> tuple[WholeFile, ...]:
    """All tables that are in use."""
    return (
        *_domain_tables(),
        *_address_tables(),
        *_sharing_tables(),
        _sent_table(),
        *(_pattern(number) for number in range(1, MOST_SEPARATORS + 1)),
        _whole_addresses(),
        _odd_senders(),
        *_catch_all_tables(),
        _reports(),
        _accounts(facts),
        _notices(),
        *(_logins(facts) if facts.primary_domain else ()),
        *(_routes() if facts.routing.relays else ()),
    )


def _pipe(*steps: str) -> str:
    """A look-up whose steps each take the answer of the one before."""
    return f'pipemap:{{{", ".join(steps)}}}'


def _chain(*steps: str) -> str:
    """The same as `_pipe`, asked through the proxy."""
    return f'proxy:{_pipe(*steps)}'


def directory_answers() -> str:
    """A look-up that finds no client, and fails while the directory is out of order.

    Every client is called `unknown`, for we look up no names; so this asks just once.
    """
    return _pipe('inline:{unknown=localhost}', proxied('domains'))


def aliases() -> str:
    """The look-up of an address's destinations.

    That are its destinations, or its usual form if that exists, or else the postmaster, whom
    replies to Postfix's notices reach, the reader of reports, or the destinations of a pattern.
    Whatever begins with a table of fixed strings is asked without a label too.
    """
    canonical = name('canonical')
    destinations, known = _chain(canonical, name('aliases')), _chain(canonical, name('known'))
    found = [proxied('deliveries'), destinations, known, _pipe(_sieve(_NOTICES), known)]
    found.append(_pipe(_sieve(_REPORTS), proxied('domains'), f'static:{READER}'))
    found += _pattern_of(destinations)
    return ', '.join([*found, _chain(_sieve(_EVERYONE), name('everyone'), name('catch-all'))])


def refused() -> str:
    """The check that refuses addresses that are off, with their own words where there are any."""
    chains = [_chain(f'regexp:{_ADDRESSES}', name('canonical'), name(table))
              for table in ('farewell', 'off')]  # fmt: skip
    return ', '.join(f'check_recipient_access {chain}' for chain in chains)


def stolen() -> str:
    """The check that refuses senders who use an address of ours without a login."""
    return f'check_sender_access {_chain(f"regexp:{_ADDRESSES}", name("own-senders"))}'


def odd_senders() -> str:
    """The check of senders that Rspamd cannot read."""
    return f'check_sender_access regexp:{_ODD_SENDERS}'


def accounts() -> str:
    """Look-up of the senders an account of this machine may use."""
    return f'regexp:{_ACCOUNTS}'


def borrowed(facts: Facts) -> str:
    """Checks that refuse senders at a name of this machine that mean a user's mailbox.

    `alice@localhost` becomes the address of her mailbox. sendmail(1) takes it from her account
    alone; in a connection no account is known.
    """
    says = 'REJECT 5.7.1 To send as a user of this machine, log in first'
    chain = _pipe(f'regexp:{_LOCAL}', proxied('logins'), f'static:{{{says}}}')
    return f'check_sender_access {chain}, ' if facts.primary_domain else ''


def logins() -> str:
    """The look-up of users at a name of this machine; no other address is asked about."""
    return _pipe(f'regexp:{_LOCAL}', proxied('logins'))


def sent() -> str:
    """The look-up of where a copy of mail from a sender goes.

    It is asked for each message, nearly always about a sender elsewhere, so just once.
    """
    return _chain(f'regexp:{_ADDRESSES}', name('canonical'), name('sent'))


def senders() -> str:
    """The look-up of logins that may send as an address.

    These are the mailbox itself, all mailboxes of the same owner, the senders the alias names, the
    members of a shared mailbox who may, and for postmaster and its like the recipient of their
    mail. An address that is switched off has no owner, so no pattern gives it one.
    """
    canonical = name('canonical')
    everyone = (_sieve(_EVERYONE), name('everyone'), name('catch-all-name'))
    rights = (
        f'unionmap:{{{name("senders")}, {name("role-senders")}, {name("member-senders")}, '
        f'{_pipe(name("owners"), name("owned"))}}}'
    )
    anyone = _chain(canonical, rights)
    found = [f'proxy:{rights}', anyone, _chain(canonical, name('off')), *_pattern_of(anyone)]
    return ', '.join([*found, _chain(*everyone, rights)])
