# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postfix's questions to the directory, see ldap_table(5).

Every answer comes from the entries the pages show; nothing is copied. An entry that is
switched off is not found at all. When the directory cannot be asked, a look-up fails for the
time being, and Postfix answers 4xx.
"""

from .facts import Facts
from .state import WholeFile

TREE = 'ou=mail,dc=thisbox'

_PATH = '/etc/postfix/freedombox-email-{}.cf'
_DOMAINS = f'ou=domains,{TREE}'
_MAILBOXES = f'ou=mailboxes,{TREE}'
_ENABLED = '(fbxMailEnabled=TRUE)'
_ADDRESS = f'(fbxMailAddress=%u@%d){_ENABLED}'
"""`%u@%d`, unlike `%s`, leaves out look-ups of a bare name or a bare domain."""


def name(table: str) -> str:
    """Return how main.cf names a table."""
    return f'ldap:{_PATH.format(table)}'


def proxied(table: str) -> str:
    """Return how main.cf names a table that is asked through the proxy."""
    return f'proxy:{name(table)}'


def _table(table: str, base: str, query: str, result: str, *more: str) -> WholeFile:
    lines = (
        '# Made by FreedomBox. Changes are overwritten.',
        'server_host = ldapi:///',
        'version = 3',
        'bind = sasl',
        'sasl_mechs = EXTERNAL',
        'timeout = 5',
        f'search_base = {base}',
        f'query_filter = {query}',
        f'result_attribute = {result}',
        *more,
    )
    return WholeFile(_PATH.format(table), '\n'.join(lines) + '\n')


def _domain(match: str) -> str:
    return f'(&(objectClass=fbxMailDomain){match}{_ENABLED})'


def _domain_tables() -> tuple[WholeFile, ...]:
    """Return the tables that know domains, by either way of writing them."""
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
            'alias-domains',
            _DOMAINS,
            _domain('(fbxMailDomainName=%d)(fbxMailAliasOf=*)'),
            'fbxMailAliasOf',
            'result_format = %U@%s',
        ),
    )


def _address_tables() -> tuple[WholeFile, ...]:
    """Return the tables that know addresses and who may use them."""
    return (
        _table('mailboxes', _MAILBOXES, f'(&(objectClass=fbxMailbox){_ADDRESS})', 'fbxMailAddress'),
        _table(
            'aliases',
            f'ou=aliases,{TREE}',
            f'(&(objectClass=fbxMailAlias){_ADDRESS})',
            'fbxMailDestination',
        ),
        _table('known', TREE, f'(&{_ADDRESS})', 'fbxMailAddress'),
        _table('senders', TREE, f'(&{_ADDRESS})', 'fbxMailAddress, fbxMailSender'),
        _table(
            'role-senders',
            f'ou=aliases,{TREE}',
            f'(&(fbxMailOrigin=role){_ADDRESS})',
            'fbxMailDestination',
        ),
        _table('owners', TREE, f'(&{_ADDRESS})', 'fbxMailOwner'),
        _table(
            'owned',
            _MAILBOXES,
            f'(&(objectClass=fbxMailbox)(fbxMailOwner=%s){_ENABLED})',
            'fbxMailAddress',
        ),
    )


def _logins(facts: Facts) -> WholeFile:
    """Return the table by which `alice` at a name of this machine means her mailbox."""
    return _table(
        'logins',
        _MAILBOXES,
        f'(&(objectClass=fbxMailbox)(fbxMailLogin=%u){_ENABLED})',
        'fbxMailAddress',
        f'domain = {", ".join(facts.local_names)}',
    )


def _has_international(facts: Facts) -> bool:
    return any('xn--' in domain for domain in facts.domains)


def _unicode_domains() -> WholeFile:
    """Return the table from an address with a domain in Unicode to the form we store."""
    return _table(
        'unicode-domains',
        _DOMAINS,
        _domain('(fbxMailDomainUnicode=%d)'),
        'fbxMailDomainName',
        'result_format = %U@%s',
    )


def tables(facts: Facts) -> tuple[WholeFile, ...]:
    """Return all tables that are in use."""
    return (
        *_domain_tables(),
        *_address_tables(),
        *((_unicode_domains(),) if _has_international(facts) else ()),
        *((_logins(facts),) if facts.primary_domain else ()),
    )


def _chain(*steps: str) -> str:
    """Return a look-up whose steps each take the answer of the one before."""
    return f'proxy:pipemap:{{{", ".join(steps)}}}'


def directory_answers() -> str:
    """Return a look-up that finds no client, and fails while the directory is out of order.

    Every client is called `unknown`, for we look up no names; so this asks just once.
    """
    return _chain('inline:{unknown=localhost}', name('domains'))


def aliases(facts: Facts) -> str:
    """Return what an address stands for: its destinations, or its other form if that exists."""
    known, alias_domains = name('known'), name('alias-domains')
    found = [proxied('aliases'), _chain(alias_domains, known)]
    if _has_international(facts):
        unicode_domains = name('unicode-domains')
        found += [_chain(unicode_domains, known), _chain(unicode_domains, alias_domains, known)]
    return ', '.join(found)


def senders(facts: Facts) -> str:
    """Return which logins may send as an address.

    These are the mailbox itself, all mailboxes of the same owner, whoever the alias names,
    and for postmaster and its like whoever gets their mail.
    """
    rights = (
        f'unionmap:{{{name("senders")}, {name("role-senders")}, '
        f'pipemap:{{{name("owners")}, {name("owned")}}}}}'
    )
    found = [f'proxy:{rights}', _chain(name('alias-domains'), rights)]
    if _has_international(facts):
        found.append(_chain(name('unicode-domains'), rights))
    return ', '.join(found)
