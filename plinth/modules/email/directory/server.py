# SPDX-License-Identifier: AGPL-3.0-or-later
"""Schema, access rules and settings FreedomBox's slapd needs for the mail directory.

Run as root: the schema, the modules, the access rule, limits and indexes in cn=config,
then the empty tree. All of it is level-triggered: what is right already is not touched,
values of the administrator stay as they are, and everything can be run again.

The access rule comes before FreedomBox's rule that lets all read everything:
root manages, the readers read, a mailbox's password can be tried by logging in, and
all others see nothing. slapd names local processes by user and group number, so the
rule holds numbers and is written again when they changed.
"""

import pwd
import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from ldap3 import LEVEL, MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE, Connection

from ..errors import MailError
from . import connection as ldap
from .domain import Domain
from .names import ANCHOR, BRANCHES, DECOY_DN
from .password import hash_password
from .store import Store
from .suffix import BASE_DN, SUFFIX

SCHEMA_PATH = Path('/usr/share/freedombox-email/schema/freedombox-email.ldif')
READERS = (
    'postfix', 'dovecot', 'plinth', '_rspamd', 'fbx-mail-identities', 'fbx-mail-limits',
    'fbx-mail-quota',
)  # fmt: skip
MODULES = ('argon2', 'sssvlv', 'back_monitor')
INDEXES = (
    'fbxMailAddress eq,sub',
    'fbxMailDestination eq,sub',
    'fbxMailDomainName eq,sub',
    'fbxMailDomainUnicode eq,sub',
    'fbxMailAliasOf eq',
    'fbxMailOwner eq,sub',
    'fbxMailOwnerId eq',
    'fbxMailLogin eq',
    'fbxMailMember pres,eq',
    'fbxMailGuardian eq',
    'fbxMailGuardRules pres',
    'fbxMailHandover eq',
    'fbxMailSender eq',
    'fbxMailOrigin eq',
    'fbxMailKeyId eq',
    'fbxMailExpires eq',
    'fbxMailEveryone eq',
    'fbxMailResetHash eq',
)

_SORTS_AT_ONCE = '64'
_LOGIN_PRECISION = '300'
_MONITOR_RULES = (f'to * by dn.exact="{ldap.ROOT}" read by * none',)
_SCHEMA_NAME = 'freedombox-email'
_ORDER = re.compile(r'^\{-?\d+\}')
_OWN_RULE = f'to dn.subtree="{BASE_DN}" '
_LOGIN_RULE = 'to attrs=pwdLastSuccess '
"""The time of a user's last login, which not every local process may see, see slapo-ppolicy(5)."""
_PARTS = ('olcObjectIdentifier', 'olcAttributeTypes', 'olcObjectClasses')


def _bare(value: str) -> str:
    """A value of cn=config without its number and with single spaces."""
    return ' '.join(_ORDER.sub('', value).split())


def reader_names(users: Iterable[str] = READERS) -> tuple[str, ...]:
    """Slapd's names for those of the readers that exist on this system."""
    names = []
    for user in users:
        try:
            account = pwd.getpwnam(user)
        except KeyError:
            continue  # its package is not installed yet; the rule is written again then
        names.append(
            f'gidNumber={account.pw_gid}+uidNumber={account.pw_uid},cn=peercred,cn=external,cn=auth'
        )
    return tuple(names)


def access_rules(readers: Sequence[str]) -> list[str]:
    """Our access rules; FreedomBox's rules hold everywhere else."""
    reading = ''.join(f'by dn.exact="{name}" read ' for name in readers)
    return [
        _OWN_RULE + 'attrs=userPassword by anonymous auth by * none',
        _OWN_RULE + 'attrs=fbxMailResetHash by * none',
        _OWN_RULE + f'{reading}by * none',
        _LOGIN_RULE + f'{reading}by * none',
    ]


def merge_rules(present: Sequence[str], ours: Sequence[str]) -> list[str]:
    """All access rules with ours in front of every rule that would end the search.

    Rules ending in `break` may stay before ours: they only add to what follows them.
    """
    ours_begin = (_OWN_RULE, _LOGIN_RULE)
    others = [rule for rule in map(_bare, present) if not rule.startswith(ours_begin)]
    place = 0
    while place < len(others) and others[place].endswith('by * break'):
        place += 1
    return [*others[:place], *ours, *others[place:]]


def limits(readers: Sequence[str]) -> list[str]:
    """The limits that let readers see more than slapd's usual 500 entries."""
    return [f'dn.exact="{name}" size=unlimited' for name in readers]


def merge_limits(present: Sequence[str], ours: Sequence[str]) -> list[str]:
    """All limits: those of others, and ours once."""
    others = [
        limit
        for limit in map(_bare, present)
        if not re.fullmatch(r'dn\.exact="gidNumber=\d+\+uidNumber=\d+,.*" size=unlimited', limit)
    ]
    return [*others, *ours]


def read_schema(text: str) -> dict[str, list[str]]:
    """The definitions in a schema file by attribute."""
    lines = [line for line in text.splitlines() if not line.startswith('#')]
    unfolded = '\n'.join(lines).replace('\n ', '')
    found: dict[str, list[str]] = {part: [] for part in _PARTS}
    for line in unfolded.splitlines():
        name, _, value = line.partition(': ')
        if name in found:
            found[name].append(_bare(value))
    return found


class ServerConfig:
    """slapd's own configuration, over an open connection of root."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _find(
        self, base: str, condition: str, names: Sequence[str]
    ) -> tuple[str, dict[str, list[str]]]:
        """The name and the values of the one entry that meets a condition."""
        self._connection.search(base, condition, LEVEL, attributes=list(names) or ['1.1'])
        for item in self._connection.response or ():
            values = item['raw_attributes']
            return item['dn'], {name: [v.decode() for v in values.get(name, ())] for name in names}
        return '', {}

    def _set(self, dn: str, name: str, present: Sequence[str], wanted: Sequence[str]) -> None:
        """Replace all values of an attribute in one step if they differ."""
        if [_bare(value) for value in present] != list(wanted):
            self._connection.modify(dn, {name: [(MODIFY_REPLACE, list(wanted))]})

    def set_schema(self, definitions: dict[str, list[str]]) -> None:
        """Add the schema, or bring the present one up to date in place."""
        base = 'cn=schema,cn=config'
        dn, present = self._find(base, f'(cn=*{_SCHEMA_NAME})', _PARTS)
        if not dn:
            self._connection.add(
                f'cn={_SCHEMA_NAME},{base}',
                ['olcSchemaConfig'],
                {'cn': _SCHEMA_NAME, **definitions},
            )
            return
        for name in _PARTS:
            self._set(dn, name, present[name], definitions[name])

    def load_modules(self) -> None:
        """Load the modules we need, once each."""
        dn, present = self._find('cn=config', '(objectClass=olcModuleList)', ['olcModuleLoad'])
        loaded = {_bare(value).removesuffix('.la') for value in present.get('olcModuleLoad', ())}
        for module in MODULES:
            if module not in loaded:
                self._connection.modify(dn, {'olcModuleLoad': [(MODIFY_ADD, [module])]})

    def set_database(self, readers: Sequence[str]) -> None:
        """Set access, limits and indexes of FreedomBox's database."""
        names = ['olcAccess', 'olcLimits', 'olcDbIndex']
        dn, present = self._find('cn=config', f'(olcSuffix={SUFFIX})', names)
        if not dn:
            raise MailError('directory-not-set-up')
        rules = merge_rules(present['olcAccess'], access_rules(readers))
        self._set(dn, 'olcAccess', present['olcAccess'], rules)
        self._set(
            dn,
            'olcLimits',
            present['olcLimits'],
            merge_limits(present['olcLimits'], limits(readers)),
        )
        missing = [index for index in INDEXES if index not in present['olcDbIndex']]
        if missing:
            self._connection.modify(dn, {'olcDbIndex': [(MODIFY_ADD, missing)]})

    def note_logins(self) -> None:
        """Have slapd note the last login of an entry, at most once in some minutes."""
        names = ['olcLastBind', 'olcLastBindPrecision']
        dn, present = self._find('cn=config', f'(olcSuffix={SUFFIX})', names)
        if present['olcLastBind'] != ['TRUE']:
            self._connection.modify(
                dn,
                {
                    'olcLastBindPrecision': [(MODIFY_REPLACE, [_LOGIN_PRECISION])],
                    'olcLastBind': [(MODIFY_REPLACE, ['TRUE'])],
                },
            )

    def add_sorting(self) -> None:
        """Let slapd sort, and cut one page out of a long list."""
        database, _ = self._find('cn=config', f'(olcSuffix={SUFFIX})', ())
        present, _ = self._find(database, '(objectClass=olcSssVlvConfig)', ())
        if not present:
            self._connection.add(
                f'olcOverlay=sssvlv,{database}',
                ['olcOverlayConfig', 'olcSssVlvConfig'],
                {'olcSssVlvMax': _SORTS_AT_ONCE},
            )

    def show_work(self) -> None:
        """Let root see the operations of slapd: see `connection.settle`."""
        present, _ = self._find('cn=config', '(olcDatabase=monitor)', ())
        if not present:
            self._connection.add(
                'olcDatabase=monitor,cn=config',
                ['olcDatabaseConfig'],
                {'olcAccess': list(_MONITOR_RULES)},
            )

    def take_back(self) -> None:
        """Remove settings that only this app needs, as far as slapd allows.

        The schema stays, as addresses of it are there, and so do the rules that hide them. A
        module cannot be unloaded, and slapd 2.6 ends when an overlay or cn=Monitor is deleted
        while it runs.
        """
        names = ['olcLimits', 'olcDbIndex', 'olcLastBind', 'olcLastBindPrecision']
        database, present = self._find('cn=config', f'(olcSuffix={SUFFIX})', names)
        if not database:
            return
        limits_left = merge_limits(present['olcLimits'], ())
        self._set(database, 'olcLimits', present['olcLimits'], limits_left)
        gone: dict[str, list[str]] = {
            'olcDbIndex': [index for index in INDEXES if index in present['olcDbIndex']],
            'olcLastBind': present['olcLastBind'],
            'olcLastBindPrecision': present['olcLastBindPrecision'],
        }
        for name, values in gone.items():
            if values:
                self._connection.modify(database, {name: [(MODIFY_DELETE, values)]})

    def make_tree(self) -> None:
        """Add those parts of the empty tree that are not there."""
        self._make_unit(BASE_DN, ['organizationalUnit', 'fbxMailSettings'], 'mail')
        for branch in BRANCHES:
            self._make_unit(f'ou={branch},{BASE_DN}', ['organizationalUnit'], branch)
            # Without one that stays, slapd could not remove the last other one in a transaction.
            self._make_unit(f'ou={ANCHOR},ou={branch},{BASE_DN}', ['organizationalUnit'], ANCHOR)

    def make_decoy(self) -> None:
        """Add an entry with a random password, if it is not there.

        To try a password takes time, and so has an address that does not exist.
        """
        dn, _ = self._find(f'ou=passwords,{BASE_DN}', '(cn=decoy)', ())
        if not dn:
            attributes = {'cn': 'decoy', 'userPassword': hash_password(secrets.token_urlsafe())}
            self._connection.add(DECOY_DN, ['device', 'simpleSecurityObject'], attributes)

    def _make_unit(self, dn: str, classes: list[str], name: str) -> None:
        """Add one organizational unit if it is not there."""
        try:
            with ldap.mapped_errors():
                self._connection.add(dn, classes, {'ou': name})
        except MailError as error:
            if error.code != 'entry-exists':
                raise


def set_up(schema: str) -> None:
    """Make slapd ready for the mail directory; `schema` is the text of our schema file."""
    connection = ldap.connect()
    config = ServerConfig(connection)
    try:
        with ldap.mapped_errors():
            config.set_schema(read_schema(schema))
            config.load_modules()
            config.set_database(reader_names())
            config.note_logins()
            config.add_sorting()
            config.show_work()
            config.make_tree()
            config.make_decoy()
    finally:
        ldap.disconnect(connection)


def take_back() -> None:
    """Remove settings of slapd that only this app needs; the addresses stay."""
    connection = ldap.connect()
    try:
        with ldap.mapped_errors():
            ServerConfig(connection).take_back()
    finally:
        ldap.disconnect(connection)


def make_ready() -> None:
    """Make slapd ready for the mail directory, and complete entries of earlier versions."""
    set_up(SCHEMA_PATH.read_text(encoding='utf-8'))
    with Store() as store, store.exclusive():
        for domain in store.search(Domain):
            store.complete(domain)
        store.drop_address_logins()
        store.give_memories()
