# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ordinary mail host of `outside.test`: plain Postfix and Dovecot, as others run them.

It receives by MX look-up, delivers into Maildirs, offers IMAP, and lets tests send through
it. Nothing of this app runs there. Its second address is that of DNS, and of a strict host
(`lab/strict.py`), whose Rspamd runs for the tests that need it.
"""

from pathlib import Path

from . import base, container, dns, settings
from .host import step
from .settings import OUTSIDE

_MAIN = {
    'myhostname': f'mail.{settings.OUTSIDE_DOMAIN}',
    'mydestination': f'{settings.OUTSIDE_DOMAIN}, mail.{settings.OUTSIDE_DOMAIN}, localhost',
    'myorigin': settings.OUTSIDE_DOMAIN,
    'mynetworks': f'127.0.0.0/8 {settings.GATEWAY}/32 {settings.OUTSIDE_IP}/32 {settings.DNS}/32',
    'inet_interfaces': f'127.0.0.1, {settings.OUTSIDE_IP}',
    'inet_protocols': 'ipv4',
    'home_mailbox': 'Maildir/',
    'smtp_bind_address': settings.OUTSIDE_IP,
    'smtp_tls_security_level': 'may',
    'smtpd_tls_security_level': 'may',
    'smtputf8_enable': 'yes',
    'message_size_limit': '104857600',
    'minimal_backoff_time': '5s',
    'queue_run_delay': '5s',
}
_DOVECOT = """mail_driver = maildir
mail_path = ~/Maildir
mail_inbox_path = ~/Maildir
auth_allow_cleartext = yes
ssl = no
"""

ZONE = dns.MailZone(
    settings.OUTSIDE_DOMAIN, settings.OUTSIDE_IP, 'mail', f'mx ip4:{settings.GATEWAY}',
    (
        f'mail A {settings.OUTSIDE_IP}', f'ns A {settings.DNS}', f'relay A {settings.OUTSIDE_IP}',
    ),
)  # fmt: skip

WORLD = dns.LabZone('l.google.com', f'gmail-smtp-in A {settings.OUTSIDE_IP}')
"""A mail server all boxes know, so that the box can find its way out open."""


def layers() -> list[Path]:
    """The base layers of the machine."""
    return [base.outside() / 'root']


def up() -> None:
    """Boot the machine and make it a mail host with two users. Safe to repeat."""
    if container.leader(OUTSIDE):
        return
    with step(f'The outside world: mail for {settings.OUTSIDE_DOMAIN}, DNS for all'):
        hosts = f'127.0.0.1 localhost\n{settings.OUTSIDE_IP} mail.{settings.OUTSIDE_DOMAIN} mail\n'
        resolver = f'nameserver {settings.DNS}\n'
        container.boot(OUTSIDE, layers(), {
            **dns.files([ZONE, WORLD]), '/etc/hosts': hosts, '/etc/resolv.conf': resolver,
        })  # fmt: skip
        for user in settings.OUTSIDE_USERS:
            container.execute(OUTSIDE, ['useradd', '-m', '-s', '/usr/sbin/nologin', user.username],
                              check=False)  # fmt: skip
        pairs = ''.join(f'{user.username}:{user.password}\n' for user in settings.OUTSIDE_USERS)
        container.execute(OUTSIDE, ['chpasswd'], stdin=pairs)
        values = [f'{name}={value}' for name, value in _MAIN.items()]
        container.execute(OUTSIDE, ['postconf', '-e', *values])
        container.execute(OUTSIDE, ['tee', '/etc/dovecot/conf.d/99-lab.conf'], stdin=_DOVECOT)
        container.execute(OUTSIDE, ['systemctl', 'disable', '-q', '--now', 'rspamd'])
        container.execute(OUTSIDE, ['systemctl', 'restart', 'postfix', 'dovecot'])
