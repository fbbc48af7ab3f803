# SPDX-License-Identifier: AGPL-3.0-or-later
"""A relay (smarthost) on the other mail host: a second Postfix with SASL and TLS.

It is `relay.outside.test`, takes mail on 587 (STARTTLS) and 465 (TLS) after a login, and brings it
on by MX look-up. By default it passes on mail of any sender; `only_senders` has it refuse senders
of other domains than those named, as most providers do. It takes the place of nothing on that
host: port 25 and `outside.test` are served by the first Postfix as before.

    relay.start()                  boot it once; safe to repeat
    relay.trusted_by(BOX)          have a machine trust its certificate
    relay.only_senders('a.test')   553 5.7.1 for all other senders
    relay.lock(), relay.unlock()   535 for its login, and no longer
    relay.stop()
"""

from . import container, settings
from .host import wait_for
from .settings import OUTSIDE, LabUser, Machine

NAME = f'relay.{settings.OUTSIDE_DOMAIN}'
USER = LabUser('relayed', 'relay-lab-password', settings.OUTSIDE_DOMAIN)
PORT, IMPLICIT_PORT = 587, 465
INSTANCE = 'postfix-relay'
UNIT = 'postfix@relay.service'
CERTIFICATE = '/etc/postfix-relay/relay.crt'
_KEY = '/etc/postfix-relay/relay.key'
_CHAIN = '/etc/postfix-relay/relay.pem'
_TRUSTED = '/usr/local/share/ca-certificates/lab-relay.crt'
_CONF = f'/etc/{INSTANCE}'
_MAIN = {
    'myhostname': NAME,
    'mydestination': '',
    'myorigin': settings.OUTSIDE_DOMAIN,
    'mynetworks': '127.0.0.0/8',
    'master_service_disable': '',
    'inet_interfaces': 'loopback-only',  # else the first Postfix on this machine were itself
    'inet_protocols': 'ipv4',
    'smtp_bind_address': settings.OUTSIDE_IP,
    'authorized_submit_users': 'root',
    'syslog_name': INSTANCE,
    'smtpd_tls_chain_files': _CHAIN,
    'smtpd_tls_security_level': 'encrypt',
    'smtpd_tls_auth_only': 'yes',
    'smtpd_sasl_auth_enable': 'yes',
    'smtpd_sasl_type': 'dovecot',
    'smtpd_sasl_path': 'private/auth',
    'smtpd_sender_restrictions': '',
    'smtpd_relay_restrictions': 'permit_sasl_authenticated,reject',
    'smtpd_recipient_restrictions': '',
    'smtputf8_enable': 'yes',
    'message_size_limit': '104857600',
    'minimal_backoff_time': '5s',
    'queue_run_delay': '5s',
    'maillog_file': '',
}
_DOVECOT = f"""service auth {{
  unix_listener /var/spool/{INSTANCE}/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""
_SOCKET_CONF = '/etc/dovecot/conf.d/98-lab-relay.conf'


def _run(*arguments: str, check: bool = True, stdin: str = '') -> str:
    return container.execute(OUTSIDE, arguments, check=check, stdin=stdin).stdout


def _postconf(*arguments: str) -> None:
    _run('postconf', '-c', _CONF, *arguments)


def _certificate() -> None:
    """Give the relay a certificate of its own."""
    _run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj',
         f'/CN={NAME}', '-addext', f'subjectAltName=DNS:{NAME}', '-keyout', _KEY, '-out',
         CERTIFICATE)  # fmt: skip
    _run('sh', '-c', f'cat {_KEY} {CERTIFICATE} > {_CHAIN}')


def _make() -> None:
    """Make the instance of Postfix, its certificate and its one account."""
    _run('postmulti', '-e', 'init')
    _run('postmulti', '-I', INSTANCE, '-G', 'mta', '-e', 'create')
    _certificate()
    _postconf('-e', *(f'{name}={value}' for name, value in _MAIN.items()))
    _postconf('-MX', 'smtp/inet')
    for service, more in ((PORT, 'no'), (IMPLICIT_PORT, 'yes')):
        place = f'{settings.OUTSIDE_IP}:{service}'
        _postconf('-M', f'{place}/inet={place} inet n - n - - smtpd')
        _postconf('-P', f'{place}/inet/smtpd_tls_wrappermode={more}')
    _postconf('-e', 'multi_instance_enable=yes')
    _run('useradd', '-m', '-s', '/usr/sbin/nologin', USER.username, check=False)
    _run('chpasswd', stdin=f'{USER.username}:{USER.password}\n')


def start() -> None:
    """Have the relay run, with its settings as they are at first. Safe to repeat."""
    if container.execute(OUTSIDE, ['test', '-e', _CHAIN], check=False).returncode:
        _make()
    only_senders()
    _run('tee', _SOCKET_CONF, stdin=_DOVECOT)
    _run('systemctl', 'start', UNIT)
    _run('systemctl', 'restart', 'dovecot.service')
    wait_for('the relay', lambda: 'LISTEN' in _run('ss', '-Hltn', f'sport = :{PORT}'), 30)


def stop() -> None:
    """Have the relay be down; connections are refused."""
    _run('systemctl', 'stop', UNIT, check=False)


def trusted_by(machine: Machine) -> None:
    """Have a machine trust the relay's certificate."""
    container.write(machine, {_TRUSTED: _run('cat', CERTIFICATE)})
    container.execute(machine, ['update-ca-certificates'])


def distrusted_by(machine: Machine) -> None:
    """Take that back."""
    container.execute(machine, ['rm', '-f', _TRUSTED])
    container.execute(machine, ['update-ca-certificates', '--fresh'])


def only_senders(*domains: str) -> None:
    """Take mail from senders of these domains only; of any without one."""
    names = ', '.join(f'@{domain}={USER.username}' for domain in domains)
    _postconf('-e', f'smtpd_sender_login_maps={f"inline:{{{names}}}" if names else ""}')
    refusal = 'reject_sender_login_mismatch' if domains else ''
    _postconf('-e', f'smtpd_sender_restrictions={refusal}')
    _reload()


def lock() -> None:
    """Have the relay refuse its one login, with 535, whatever the password."""
    _run('usermod', '-L', USER.username)


def unlock() -> None:
    """Have it take the login again."""
    _run('chpasswd', stdin=f'{USER.username}:{USER.password}\n')


def _reload() -> None:
    _run('systemctl', 'reload-or-restart', UNIT, check=False)


def log() -> str:
    """All the relay has said, for tests to look up what arrived there."""
    return _run('journalctl', '-q', '--no-pager', '-u', UNIT)
