# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Dovecot 2.4.

Dovecot checks passwords (also for Postfix), stores mail and hands it out. All of it stands
in one file of ours, read after Debian's. A login becomes the address of its mailbox: `alice`,
`ALICE@example.org` and `alice@alias-of-example.org` all turn into `alice@example.org`, by
look-ups in the directory. The password is tried by a bind at slapd, as a password for a
device, as the FreedomBox user who owns the mailbox, or as the mailbox itself, so no hash is
ever read. A locked user is locked out here too.
"""

import string

from .blocks import within
from .closed import POLICY_ATTRIBUTES
from .facts import Facts
from .folders import folder_settings
from .guarded import waiting_namespace
from .logins import passdbs
from .mailbox_room import room_settings
from .postfix import DELIVERIES
from .scripts import sieve_settings
from .sharing import sharing_settings
from .state import DovecotConf, DovecotSetting, Port, Unit, Value, WantedState
from .users import MAIL_USER, userdbs

PATH = '/etc/dovecot/conf.d/95-freedombox-email.conf'
POLICY_PORT = 8463

SESSIONS = 60
"""IMAP sessions one user may have from one address at a time."""

_LONGEST_WORD = 180
"""The bytes of the longest word that is found; Xapian's own limit is 245."""

_BUILT_IN = (
    '05-freedombox-passdb.conf', '05-freedombox-userdb.conf', '15-freedombox-auth.conf',
    '15-freedombox-mail.conf', '90-freedombox-imap.conf', '90-freedombox-lmtp.conf',
    '90-freedombox-mailboxes.conf', '90-freedombox-master.conf', '90-freedombox-tls.conf',
    '91-freedombox-tls.conf', '95-freedombox-fts.conf', '95-freedombox-sieve.conf',
    'freedombox-ldap.conf.ext',
)  # fmt: skip


def _identity(facts: Facts) -> tuple[DovecotSetting, ...]:
    """The name Dovecot gives itself in mail it writes (bounces, away notices)."""
    return within((), {'hostname': facts.primary_domain}) if facts.primary_domain else ()


def _login_signs() -> str:
    """Signs a login may have; Dovecot takes a list of bytes, written as valid UTF-8.

    Addresses may have any letters, so every byte of those is in the list. Left out are control
    characters and what means something in an LDAP filter: Dovecot writes logins into filters.
    """
    later_bytes = (chr(0x100 + number) for number in range(64))
    first_of_two = (chr(number << 6 | 0x21) for number in range(0x02, 0x20))
    first_of_three = (chr(number << 12 | 0x0101) for number in (*range(1, 14), 15))
    many = ''.join((*later_bytes, *first_of_two, '\u0901', *first_of_three, '\U00010400'))
    return f'"{string.ascii_letters}{string.digits}@._-#&\'=?^~{many}"'


def _login() -> tuple[DovecotSetting, ...]:
    """How logins are taken, who decides on guesses, and where the directory is.

    With many logins at once Dovecot waits for slapd and reads an answer about guesses seconds
    late; it would go on without. Postfix waits 10 s for all of it.
    """
    return (
        within(
            (),
            {
                'auth_mechanisms': 'plain login',
                'auth_username_chars': _login_signs(),
                'auth_policy_server_url': f'http://127.0.0.1:{POLICY_PORT}/',
                'auth_policy_hash_nonce': 'freedombox-email',
                'auth_policy_check_after_auth': 'no',
                'ldap_uris': 'ldapi:///',
                'ldap_auth_sasl_mechanisms': 'EXTERNAL',
                'ldap_timeout': '10 secs',
            },
        )
        + within((('auth_policy', ''),), {'http_client_request_absolute_timeout': '8 secs'})
        + within((('auth_policy', ''), ('request_attributes', '')), POLICY_ATTRIBUTES)
    )


def storage_values() -> dict[str, str]:
    """How mail is stored: Maildir below one user, any folder name allowed."""
    return {
        'mail_driver': 'maildir',
        'mail_path': '~/Maildir',
        'mail_inbox_path': '~/Maildir',
        'mail_home': '',
        'mail_privileged_group': '',
        'mail_uid': MAIL_USER,
        'mail_gid': MAIL_USER,
        'first_valid_uid': '1',
        'mail_utf8_extensions': 'yes',
        'mailbox_list_storage_escape_char': '%',
    }


def _tls(facts: Facts) -> tuple[DovecotSetting, ...]:
    """Encryption, with each domain's own certificate for clients that name it (SNI)."""
    values: dict[str, Value] = {
        'ssl': 'required',
        'ssl_min_protocol': 'TLSv1.2',
        'ssl_cipher_list': 'ECDHE+AESGCM:ECDHE+CHACHA20',
    }
    default = facts.default_certificate
    if default:
        values['ssl_server_cert_file'] = default.certificate
        values['ssl_server_key_file'] = default.key
    settings = within((), values)
    for each in facts.certificates:
        settings += within(
            (('local_name', each.domain),),
            {'ssl_server_cert_file': each.certificate, 'ssl_server_key_file': each.key},
        )
    return settings


def _imap(facts: Facts) -> tuple[DovecotSetting, ...]:
    """Capabilities and limits of IMAP sessions.

    A mail program keeps up to five for each account, and all of a household come from one
    address. Each takes about 5 MB: half of it is the process that holds the encrypted line, and
    the number of these for all users together goes by the memory of the machine, as far as
    Dovecot's other limits allow.

    UTF8=ACCEPT would be offered otherwise, though folder names are then still taken in mUTF-7
    only. It is not needed to receive mail with SMTPUTF8.
    """
    return within(
        (('protocol', 'imap'),),
        {'mail_max_userip_connections': str(SESSIONS), 'mail_utf8_extensions': 'no'},
    ) + within(
        (('service', 'imap-login'),),
        {'process_limit': str(min(max(2 * SESSIONS, facts.memory_mb // 10), 400))},
    )


def _listener(service: str, path: str) -> tuple[DovecotSetting, ...]:
    """A socket for Postfix alone."""
    return within(
        (('service', service), ('unix_listener', path)),
        {'mode': '0600', 'user': 'postfix', 'group': 'postfix'},
    )


def _own_listeners() -> tuple[DovecotSetting, ...]:
    """Sockets Debian leaves open to every account: shut, or for the user all mail belongs to.

    A program that reaches the one of LMTP delivers past the filter.
    """
    settings: tuple[DovecotSetting, ...] = ()
    for service, path in (('lmtp', 'lmtp'), ('imap-urlauth-login', 'imap-urlauth')):
        settings += within((('service', service), ('unix_listener', path)), {'mode': '0'})
    for service, path in (
        ('auth', 'auth-userdb'),
        ('indexer', 'indexer'),
        ('dns-client', 'dns-client'),
    ):
        settings += within(
            (('service', service), ('unix_listener', path)), {'mode': '0600', 'user': MAIL_USER}
        )
    return settings


def _services() -> tuple[DovecotSetting, ...]:
    """The programs Dovecot runs; POP3 only where it is encrypted from the start.

    Guesses are counted by `auth_policy`. Dovecot's own penalty makes a whole address wait, up
    to 15 s, and Postfix waits for 10 s: one old phone with a wrong password would keep
    all users behind the same router from sending.
    """
    return (
        within((('protocols', ''),), dict.fromkeys(('imap', 'pop3', 'lmtp', 'sieve'), 'yes'))
        + _listener('auth', '/var/spool/postfix/private/auth')
        + _listener('lmtp', '/var/spool/postfix/private/dovecot-lmtp')
        + within(
            (('service', 'managesieve-login'), ('inet_listener', 'sieve_deprecated')),
            {'port': '0'},
        )
        + within((('service', 'anvil'), ('unix_listener', 'anvil-auth-penalty')), {'mode': '0'})
        + _own_listeners()
        + within((('service', 'pop3-login'), ('inet_listener', 'pop3')), {'port': '0'})
    )


def _delivery() -> tuple[DovecotSetting, ...]:
    """Delivery of mail; it is indexed for searching later."""
    lmtp = ('protocol', 'lmtp')
    return (
        within((), {'fts_autoindex': 'no', 'lmtp_user_concurrency_limit': str(DELIVERIES)})
        + within((lmtp,), {'auth_username_format': '%{user | lower}'})
        + within((lmtp, ('mail_plugins', '')), {'fts': 'no', 'fts_flatcurve': 'no', 'sieve': 'yes'})
    )


def _search() -> tuple[DovecotSetting, ...]:
    """How words are made alike for searching, in mail and in queries.

    Debian's settings leave out accents of no letter, so one letter in two spellings (NFC, NFD) is
    two; and they leave out frequent English words, so a search for nothing else finds nothing. They
    leave out words of more than 30 bytes: ten letters of Chinese or Japanese, where all letters up
    to a comma count as one word, and fifteen Cyrillic ones.
    """
    filters: dict[str, Value] = {'filters': 'normalizer-icu snowball english-possessive'}
    values: dict[str, Value] = {f'language_{key}': value for key, value in filters.items()}
    longest: dict[str, Value] = {'language_tokenizer_generic_token_maxlen': str(_LONGEST_WORD)}
    return within((), {**values, **longest}) + within(
        (('language', 'en'),), {'default': 'yes', **filters}
    )


def _last_login() -> tuple[DovecotSetting, ...]:
    """The note of each mailbox's last login, beside its mail."""
    settings: tuple[DovecotSetting, ...] = ()
    for protocol in ('imap', 'pop3'):
        settings += within((('protocol', protocol), ('mail_plugins', '')), {'last_login': 'yes'})
    dictionary = (('last_login', ''), ('dict', 'file'))
    return settings + within(dictionary, {'dict_file_path': '%{home}/freedombox-email-last-login'})


def dovecot_state(facts: Facts) -> WantedState:
    """The wanted state of Dovecot."""
    settings = (
        _identity(facts)
        + _login()
        + passdbs()
        + userdbs()
        + within((), {**storage_values()})
        + folder_settings()
        + room_settings()
        + sharing_settings()
        + waiting_namespace()
        + _tls(facts)
        + _services()
        + _imap(facts)
        + _delivery()
        + _search()
        + sieve_settings()
        + _last_login()
    )
    unit = Unit(
        'dovecot.service',
        ('/etc/dovecot/',),
        (Port(143, '* OK'), Port(993, '* OK', tls=True), Port(995, '+OK', tls=True), Port(4190)),
    )
    return WantedState(
        (
            DovecotConf(
                '/etc/dovecot/conf.d/10-auth.conf', includes_absent=('auth-system.conf.ext',)
            ),
            DovecotConf(PATH, settings, whole=True),
        ),
        tuple(f'/etc/dovecot/conf.d/{name}' for name in _BUILT_IN),
        (unit,),
    )
