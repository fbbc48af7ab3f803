# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings of Roundcube on a box."""

import pathlib
import re

import pytest

from plinth.modules.email.clients.roundcube import PATH, SETTINGS, roundcube_state
from plinth.modules.email.config.facts import CertificateFiles, Facts
from plinth.modules.email.config.postfix import MESSAGE_SIZE

NAMES = ('example.test', 'second.test')
LIMITS = pathlib.Path('/var/lib/roundcube/public_html/.user.ini')


def content(primary: str | None, *certificates: str) -> str:
    """The file on a box with these certificates."""
    found = tuple(map(CertificateFiles, certificates))
    facts = Facts(primary, NAMES, found, 'box', 2, 2000, (990, 989))
    (edit,) = roundcube_state(facts).edits
    assert edit.path == PATH
    return str(getattr(edit, 'content', ''))


@pytest.mark.parametrize(
    ('primary', 'certificates', 'path'),
    [
        ('example.test', NAMES, '/etc/dovecot/letsencrypt/example.test/cert.pem'),
        ('example.test', ('second.test',), '/etc/ssl/certs/ssl-cert-snakeoil.pem'),
        (None, (), '/etc/ssl/certs/ssl-cert-snakeoil.pem'),
    ],
)
def test_the_certificate_is_the_one_shown_to_those_who_name_no_domain(
    primary: str | None, certificates: tuple[str, ...], path: str
) -> None:
    text = content(primary, *certificates)
    assert f"$certificate = '{path}';\n" in text
    assert f"$mail_domain = '{primary or ''}';\n" in text


def test_it_ends_with_how_these_are_used() -> None:
    text = content('example.test')
    assert text.startswith('<?php\n')
    assert text.endswith(f"include '{SETTINGS}';\n")
    assert f'$message_size = {MESSAGE_SIZE};' in text


def test_php_lets_a_message_of_the_largest_size_through() -> None:
    """Of what people upload, a third comes on top on its way."""
    limits = dict(re.findall(r'^(\w+) = (\d+)M$', LIMITS.read_text(encoding='ascii'), re.MULTILINE))
    upload, post = (int(limits[name]) for name in ('upload_max_filesize', 'post_max_size'))
    assert MESSAGE_SIZE <= upload * 2**20 < post * 2**20
