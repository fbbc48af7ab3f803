# SPDX-License-Identifier: AGPL-3.0-or-later
"""Certificates of an authority of the lab, handed to FreedomBox as Let's Encrypt's client does."""

from collections.abc import Iterator
from contextlib import contextmanager

from lab.host import wait_for
from tests.conftest import Host

AUTHORITY = '/usr/local/share/ca-certificates/lab.crt'
_KEY = '/root/lab-authority.key'
_LIVE = '/etc/letsencrypt/live'
_NEW = '/root/lab-new'
_CLIENT = '/usr/local/bin/certbot'
_KEPT = '/root/lab-certificates'
_SHOWN = ('/etc/dovecot/letsencrypt', '/etc/postfix/letsencrypt')
_HOOK = '/etc/letsencrypt/renewal-hooks/deploy/50-freedombox'


def _make(box: Host, name: str, *options: str) -> None:
    box.run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '60', '-subj',
            f'/CN={name}', *options)  # fmt: skip


def issue(box: Host, name: str) -> str:
    """Put a new certificate for a name where Let's Encrypt's client does; return its key's sum."""
    new, live = f'{_NEW}/{name}', f'{_LIVE}/{name}'
    box.run('mkdir', '-p', new, _LIVE)
    _make(box, name, '-CA', AUTHORITY, '-CAkey', _KEY, '-addext', f'subjectAltName=DNS:{name}',
          '-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', f'{new}/privkey.pem',
          '-out', f'{new}/cert.pem')  # fmt: skip
    chain = box.run('cat', f'{new}/cert.pem', AUTHORITY)
    box.run('tee', f'{new}/fullchain.pem', stdin=chain)
    box.run('rm', '-rf', live)
    box.run('mv', new, live)  # whole: Apache ends at a folder that lacks a file
    key = key_sum(box, f'{live}/cert.pem')
    assert key, 'openssl made no certificate'
    return key


@contextmanager
def client(box: Host, name: str) -> Iterator[None]:
    """Have a client of Let's Encrypt that obtains a certificate of the lab's authority."""
    issue(box, name)
    live, ready = f'{_LIVE}/{name}', f'{_NEW}/ready'
    box.run('rm', '-rf', ready)
    box.run('mv', live, ready)
    box.run('tee', _CLIENT, stdin=f'#!/bin/sh -e\nmv {ready} {live}\n')
    box.run('chmod', '755', _CLIENT)
    try:
        yield
    finally:
        box.run('rm', _CLIENT)


def key_sum(box: Host, path: str) -> str:
    """The sum of a certificate's key as TLSA records have it.

    Nothing while it is being written: FreedomBox copies into the file itself.
    """
    script = (
        'from plinth.modules.email.system.certificates import read\n'
        f'print(read("", open({path!r}, "rb").read()).key_sum)'
    )
    return box.run('python3', '-c', script, check=False).strip()


def shown(box: Host, name: str) -> tuple[str, ...]:
    """The sums of the keys Dovecot and Postfix show for a name."""
    return tuple(
        key_sum(box, path)
        for path in (f'{_SHOWN[0]}/{name}/cert.pem', f'{_SHOWN[1]}/{name}/chain.pem')
    )


def renewed(box: Host, name: str) -> None:
    """Say to FreedomBox what Let's Encrypt's client says after a renewal."""
    box.run('env', f'RENEWED_DOMAINS={name}', f'RENEWED_LINEAGE={_LIVE}/{name}', _HOOK)


def reload_web(box: Host) -> None:
    """Reload Apache and wait until it has read its files: systemd only waits for the signal."""
    journal = box.journal_since()
    box.run('systemctl', 'reload', 'apache2')
    options = ('-t', 'apache-error', '-o', 'cat')
    wait_for('Apache', lambda: 'resuming normal operations' in journal(*options), 30)


@contextmanager
def authority(box: Host) -> Iterator[None]:
    """Have an authority the box trusts; what was shown before is shown again afterwards."""
    box.run('rm', '-rf', _KEPT)
    box.run('mkdir', _KEPT)
    box.run('cp', '-a', '--parents', *_SHOWN, _KEPT)
    _make(box, 'Authority of the lab', '-addext', 'keyUsage=critical,keyCertSign', '-keyout', _KEY,
          '-out', AUTHORITY)  # fmt: skip
    box.run('update-ca-certificates')
    try:
        yield
    finally:
        box.run('rm', '-rf', _LIVE, AUTHORITY, _KEY)
        box.run('cp', '-a', f'{_KEPT}/etc', '/')
        box.run('update-ca-certificates', '--fresh')
        box.run('systemctl', 'reload', 'dovecot', 'postfix')


@contextmanager
def site(box: Host, name: str) -> Iterator[None]:
    """Have a web site with a certificate under a name, laid out as FreedomBox does."""
    path = f'/etc/apache2/sites-enabled/{name}.conf'
    issue(box, name)
    box.run('tee', path, stdin=f'Use FreedomBoxTLSSiteMacro {name}\n')
    reload_web(box)
    try:
        yield
    finally:
        box.run('rm', path)
        reload_web(box)
