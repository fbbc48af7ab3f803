# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of Postfix.

Mail comes in on port 25 for our domains only, or on 465 and 587 after a login. Both ways
meet in Rspamd (a milter) before the message is taken, and go on to Dovecot by LMTP.
All addresses are looked up in the directory through proxymap, which keeps one connection.

DIAGNOSTICS
    Nothing here fails at run time: whatever is out of order (directory, scanner, mail
    store, disk) makes Postfix answer 4xx, so that the sender keeps the message and
    tries again.
"""

from . import forwarding, strangers, ways_out
from .facts import Facts
from .mailbox_room import POLICY, quota_values
from .send_policy import INTERNAL, limits_values, message_restrictions, recipient_restrictions
from .sent import sent_transport
from .state import (
    Edit,
    MainCf,
    MasterCf,
    MasterService,
    Port,
    Unit,
    Value,
    WantedState,
    WholeFile,
    made,
)
from .tables import (
    READER,
    accounts,
    aliases,
    borrowed,
    directory_answers,
    domain_route,
    logins,
    mailbox_route,
    odd_senders,
    proxied,
    refused,
    senders,
    sent,
    stolen,
    tables,
)

SCANNER_SOCKET = '/var/spool/postfix/freedombox-email/rspamd.sock'
"""Where Rspamd takes mail from Postfix, in a folder only these two may enter: the scanner believes
what it is told about a login, and signs."""
SCANNER = 'unix:/freedombox-email/rspamd.sock'
PLAIN_ANSWERS = '/usr/share/freedombox-email/postfix/answers.regexp'
TLS_POLICY = 'socketmap:unix:freedombox-email-tls/policy:postfix'
"""Where `tls_policy` answers; systemd starts it."""
DOVECOT = 'lmtp:unix:private/dovecot-lmtp'
MESSAGE_SIZE = 50 * 1024 * 1024
DELIVERIES = 10
"""Messages handed to Dovecot at the same time; the same limit stands in dovecot.py."""

SIEVE_SERVICE = 'freedombox-sieve'
"""A socket of systemd, for vmail alone, leads to it."""

REPORTS_SERVICE = 'freedombox-reports'
REPORTS_SPOOL = '/var/spool/freedombox-email/reports/'

_SUBMISSION_HEADERS = '/etc/postfix/freedombox-email-submission-headers.regexp'
_SNAKEOIL = '/etc/ssl/private/ssl-cert-snakeoil.key, /etc/ssl/certs/ssl-cert-snakeoil.pem'

_NOBODY = 'double-bounce@localhost'

_WEAK = 'aNULL, kRSA, PSK, SRP, SHA1, SHA256, SHA384, AESCCM8'
"""Ciphers without a certificate, without forward secrecy, or not authenticating what they
encrypt (a name of a digest means those that go by it alone, so not AES-GCM)."""

_BUILT_IN_KEYS = (
    'mailbox_transport',
    'smtp_host_lookup',
    'smtp_tls_ciphers',
    'smtp_tls_mandatory_ciphers',
    'smtpd_tls_cert_file',
    'smtpd_tls_ciphers',
    'smtpd_tls_key_file',
    'tls_medium_cipherlist',
    'tls_preempt_cipherlist',
)
"""Keys of Debian and of FreedomBox's built-in app that ours replace or make pointless."""


_NOT_ON_SUBMISSION = (
    'milter_default_action',
    'receive_override_options',
    'smtpd_client_restrictions',
    'smtpd_milters',
    'smtpd_sasl_exceptions_networks',
    'smtpd_sasl_service',
    'smtpd_sender_login_maps',
)
"""Options with which mail would go around the filter, or, as in Debian's and the built-in app's
example of a restriction on clients, be refused before users can log in."""


def _lookups(facts: Facts) -> dict[str, Value]:
    """Look-ups of recipients, senders and destinations."""
    return {
        'virtual_mailbox_domains': proxied('domains'),
        'virtual_mailbox_maps': proxied('mailboxes'),
        'virtual_alias_domains': '',
        'smtpd_sender_login_maps': senders(),
        'sender_bcc_maps': sent(),
        'alias_maps': '$alias_database',
        'virtual_transport': DOVECOT,
        'transport_maps': (
            f'inline:{{{READER}={REPORTS_SERVICE}:, {forwarding.HERE}={forwarding.HERE_SERVICE}:'
            f'{DOVECOT.partition(":")[2]}, {sent_transport()}}}'
        )
        + ways_out.by_place(facts.routing),
        **ways_out.keys(facts.routing, mailbox_route(), domain_route()),
        'lmtp_destination_concurrency_limit': str(DELIVERIES),
    }


def _notices(primary: str) -> str:
    """The sender of Postfix's own notices.

    What it tells the postmaster is from an address that it knows again, so that it writes no
    notice about a notice; that address is changed only where mail leaves the box.
    """
    return f'mailer-daemon@localhost=MAILER-DAEMON@{primary}, {_NOBODY}={_NOBODY}'


def _identity(facts: Facts) -> dict[str, Value]:
    """Names, and where mail goes that programs of this machine send.

    Addresses at a number of this machine (`alice@[198.51.100.10]`) are local ones to Postfix, past
    the directory; none is delivered. A table's key without a domain means an address at any of
    these names and numbers, and so the postmaster of RFC 5321 is the administrator at all of
    them. On a box without a domain mail of its own programs goes where Debian puts it.
    """
    primary = facts.primary_domain
    if primary is None:
        return {
            'myhostname': None,
            'mydomain': None,
            'myorigin': '$myhostname',
            'mydestination': '$myhostname, localhost.localdomain, localhost',
            'virtual_alias_maps': aliases(),
            'sender_canonical_maps': None,
            'local_transport': None,
            'smtp_generic_maps': None,
        }
    rest = ', '.join(f'@{name}=root@{primary}' for name in facts.local_names)
    postmaster = f'postmaster=postmaster@{primary}'
    return {
        'myhostname': primary,
        'mydomain': primary,
        'myorigin': 'localhost',
        'mydestination': 'localhost',
        'virtual_alias_maps': f'{aliases()}, {proxied("logins")}, inline:{{{postmaster}, {rest}}}',
        'sender_canonical_maps': f'{logins()}, inline:{{{_notices(primary)}, {rest}}}',
        'smtp_generic_maps': f'inline:{{{_NOBODY}={_NOBODY.split("@")[0]}@{primary}}}',
        'local_transport': 'error:5.1.1 There is no such address here',
    }


def _tls(facts: Facts) -> dict[str, Value]:
    """Encryption of both directions; without own certificate a self-made one.

    Mail hosts may be old, and would come unencrypted if nothing they know were offered; mail
    programs are told to do without what is weak.
    """
    default = facts.default_certificate
    names = ', '.join(f'{each.domain}={each.chain}' for each in facts.certificates)
    return {
        'smtpd_tls_chain_files': default.chain if default else _SNAKEOIL,
        'tls_server_sni_maps': f'inline:{{{names}}}' if names else None,
        'smtpd_tls_security_level': 'may',
        'smtpd_tls_protocols': '>=TLSv1.2',
        'smtpd_tls_mandatory_protocols': '>=TLSv1.2',
        'smtpd_tls_exclude_ciphers': 'aNULL',
        'smtpd_tls_mandatory_ciphers': 'high',
        'smtpd_tls_mandatory_exclude_ciphers': _WEAK,
        'smtpd_tls_loglevel': '1',
        'smtp_tls_security_level': 'dane',
        'smtp_tls_policy_maps': TLS_POLICY,
        'smtp_tls_CAfile': '/etc/ssl/certs/ca-certificates.crt',
        'smtp_dns_support_level': 'dnssec',
        'smtp_tls_protocols': '>=TLSv1.2',
        'smtp_tls_mandatory_protocols': '>=TLSv1.2',
        'smtp_tls_loglevel': '1',
        # Notices to senders, and the log, say in plain words what an answer means.
        'smtp_delivery_status_filter': f'regexp:{PLAIN_ANSWERS}',
    }


def _unchanged() -> dict[str, Value]:
    """Lines of any length, uncut: a cut would break links and signatures."""
    return {'smtp_line_length_limit': '0', 'lmtp_line_length_limit': '0'}


def _accounts() -> dict[str, Value]:
    """Limits for accounts of this machine: who sends as whom, who sees and moves the queue.

    No file in a home folder makes Postfix run a program (`~/.forward`).
    """
    return {
        'local_login_sender_maps': accounts(),
        'authorized_mailq_users': 'root',
        'authorized_flush_users': 'root',
        'local_recipient_maps': 'inline:{nobody@localhost.invalid=nobody}',
        'forward_path': '',
    }


def _reception(facts: Facts) -> dict[str, Value]:
    """The rules of port 25; the submission ports tighten them in master.cf.

    Every client is asked about in the directory, not for the answer (none is found) but for
    the question: while it cannot be asked, Postfix says 451 on connecting. Later would be
    worse: a right password would seem wrong to a mail program, and a Postfix process
    remembers addresses it could not look up as long as it lives.

    There are no logins on port 25, for no one: programs of this machine log in on 465 as all
    others do. Without a login they may have mail passed on, but not in the name of an
    address of ours: its owner is unknown.
    """
    names = ', '.join(f'{name}=REJECT' for name in facts.local_names)
    return {
        'smtpd_sasl_auth_enable': 'no',
        'smtpd_sasl_type': 'dovecot',
        'smtpd_sasl_path': 'private/auth',
        'smtpd_sasl_exceptions_networks': None,
        'smtpd_sasl_service': None,
        'smtpd_tls_auth_only': 'yes',
        'smtpd_helo_required': 'yes',
        'smtpd_peername_lookup': 'no',
        'disable_vrfy_command': 'yes',
        'smtpd_delay_reject': 'no',
        'smtpd_client_restrictions': f'check_client_access {directory_answers()}',
        'smtpd_relay_restrictions': 'permit_mynetworks, reject_unauth_destination',
        'smtpd_sender_restrictions': '',
        'smtpd_recipient_restrictions': (
            f'{refused()}, {stolen()}, {borrowed(facts)}permit_mynetworks, '
            f'{forwarding.bounces_only()}, '
            f'reject_non_fqdn_sender, {odd_senders()}, reject_non_fqdn_recipient, '
            f'check_sender_access inline:{{{names}}}, check_recipient_access inline:{{{names}}}, '
            f'${POLICY}'
        ),
        'unknown_address_reject_code': '550',
        'smtpd_milters': SCANNER,
        'non_smtpd_milters': SCANNER,
        'milter_default_action': 'tempfail',
        'message_size_limit': str(MESSAGE_SIZE),
        # Not smaller than one message, or local(8) ends; 0, Debian's own value, is no limit.
        'mailbox_size_limit': '0',
        'recipient_delimiter': '+',
        'enable_long_queue_ids': 'yes',
    }


def _submission(name: str, log: str, *options: tuple[str, str]) -> MasterService:
    """A port where users hand in mail, after a login over TLS only.

    A connection ends after ten errors, such as wrong passwords.
    """
    return MasterService(
        name,
        'inet',
        'smtpd',
        private='n',
        chroot='y',
        options=(
            ('syslog_name', f'postfix/{log}'),
            *options,
            ('smtpd_sasl_auth_enable', 'yes'),
            ('smtpd_tls_auth_only', 'yes'),
            ('smtpd_hide_client_session', 'yes'),
            *strangers.LIFTED,
            (
                'smtpd_sender_restrictions',
                'reject_authenticated_sender_login_mismatch,permit_sasl_authenticated,reject',
            ),
            recipient_restrictions('reject_non_fqdn_recipient'),
            message_restrictions(),
            ('smtpd_relay_restrictions', 'permit_sasl_authenticated,reject'),
            ('cleanup_service_name', 'submission-cleanup'),
            *dict.fromkeys(_NOT_ON_SUBMISSION).items(),
        ),
    )


def _sieve() -> MasterService:
    """Service that takes mail of the users' scripts, from the program Dovecot starts for it alone.

    With a login the program names, rules are those of
    submission; without one a message is passed on as it came.
    """
    return MasterService(
        SIEVE_SERVICE,
        'unix',
        'smtpd',
        chroot='y',
        options=(
            ('syslog_name', 'postfix/sieve'),
            ('milter_macro_v', SIEVE_SERVICE),
            ('smtpd_authorized_xclient_hosts', 'static:all'),
            ('smtpd_sasl_auth_enable', 'yes'),
            ('smtpd_client_restrictions', ''),
            ('smtpd_sender_restrictions', 'reject_authenticated_sender_login_mismatch'),
            ('smtpd_recipient_restrictions', f'reject_non_fqdn_recipient,${INTERNAL}'),
            ('smtpd_relay_restrictions', 'permit_mynetworks,permit_sasl_authenticated,reject'),
            ('smtpd_reject_unlisted_recipient', 'no'),
        ),
    )


def _reports(facts: Facts) -> MasterService:
    """The service that puts reports into a folder, where a program finds them.

    Postfix writes the files itself, as the user who reads them: no program is started by mail.
    """
    user, group = facts.reports_user
    return MasterService(
        REPORTS_SERVICE,
        'unix',
        'virtual',
        unprivileged='n',
        chroot='n',
        limit='1',
        options=(
            ('virtual_mailbox_base', '/'),
            ('virtual_mailbox_maps', f'static:{REPORTS_SPOOL}'),
            ('virtual_uid_maps', f'static:{user}'),
            ('virtual_gid_maps', f'static:{group}'),
            ('virtual_mailbox_limit', '0'),
        ),
    )


def _services(facts: Facts) -> MasterCf:
    """Our services of master.cf."""
    return MasterCf(
        services=(
            _submission('submission', 'submission', ('smtpd_tls_security_level', 'encrypt')),
            _submission(
                'submissions',
                'submissions',
                ('smtpd_tls_wrappermode', 'yes'),
                ('smtpd_tls_security_level', 'encrypt'),
            ),
            MasterService(
                'submission-cleanup',
                'unix',
                'cleanup',
                private='n',
                chroot='y',
                limit='0',
                options=(
                    ('header_checks', f'regexp:{_SUBMISSION_HEADERS}'),
                    ('mime_header_checks', ''),
                    ('nested_header_checks', ''),
                    ('always_add_missing_headers', 'yes'),
                ),
            ),
            _sieve(),
            _reports(facts),
            *strangers.services(facts),
            *ways_out.services(facts.routing, TLS_POLICY),
            forwarding.mailbox_alone(),
        ),
        absent=(('smtps', 'inet'), *ways_out.absent(facts.routing)),
    )


def _submission_headers() -> WholeFile:
    """The rule that removes earlier Received lines from the mail of users.

    The line Postfix makes names no client (`smtpd_hide_client_session`) and stays. Lines that came
    with the mail are shortened rather than dropped: their number ends mail loops. A message
    that is attached belongs to its own author, and its lines are not touched.
    """
    return made(
        _SUBMISSION_HEADERS,
        r'if !/^Received: by [^ ]+ \(Postfix\) id [A-Za-z0-9]+([[:space:]]+for <[^>]*>)?; [^;]+$/'
        '\n'
        r'/^Received:.*(; [^;]+)$/'
        '\n    REPLACE Received: by localhost$1\n'
        '/^Received:/\n    REPLACE Received: by localhost\n'
        'endif\n',
    )


def postfix_state(facts: Facts) -> WantedState:
    """The wanted state of Postfix."""
    values: dict[str, Value] = dict.fromkeys(_BUILT_IN_KEYS)
    for part in (
        _lookups(facts),
        _identity(facts),
        _tls(facts),
        _unchanged(),
        _accounts(),
        _reception(facts),
        strangers.limits(),
        limits_values(),
        quota_values(),
        forwarding.forwarding(),
    ):
        values.update(part)
    unit = Unit(
        'postfix.service',
        ('/etc/postfix/', '/etc/mailname'),
        (Port(25, '220'), Port(465, '220', tls=True), Port(587, '220')),
    )
    edits: tuple[Edit, ...] = (
        MainCf(values),
        _services(facts),
        *tables(facts),
        *ways_out.tables(facts.routing, facts.domains),
        *forwarding.forwarding_tables(),
        _submission_headers(),
    )
    if facts.primary_domain:
        edits += (WholeFile('/etc/mailname', f'{facts.primary_domain}\n'),)
    absent = ('/etc/postfix/freedombox-aliases.cf', *ways_out.absent_files(facts.routing))
    return WantedState(edits, absent, (unit,))
