# SPDX-License-Identifier: AGPL-3.0-or-later
"""New certificates that wait until other mail servers know their key (DANE).

Let's Encrypt's client makes a new key with each renewal, a month before the old certificate
runs out, and FreedomBox would show it at once. Where a TLSA record names the old key, mail
servers that check it would then deliver nothing until the record is changed. So the mail
services go on with the old certificate until the new key is known everywhere.
"""

import logging
from collections.abc import Collection
from datetime import UTC, datetime

from freedombox import app as app_module

from .. import privileged
from ..dns import rollout
from ..dns.local_facts import DnsFacts
from ..dns.memory import Memory
from ..errors import MailError
from ..freedombox_seams import waiting_certificates
from ..maintenance import self_made
from ..system import certificates

logger = logging.getLogger(__name__)


def must_wait(host: str, key: str) -> bool:
    """Whether the certificate with this key must not be shown yet."""
    shown = certificates.of(host)
    if shown is None or shown.expires is None:
        return False
    told, now = Memory().told(host), datetime.now(UTC)
    return rollout.must_wait(told, shown.key_sum, key, shown.expires, now)


def _next_key(host: str) -> str:
    """The key of the newest certificate, '' when it cannot be told."""
    try:
        keys = DnsFacts.from_json(privileged.dns_facts(host, host)).next_keys
    except MailError as error:
        logger.warning('Cannot tell the key of the new certificate of %s: %s', host, error)
        return ''
    return keys[0] if keys else ''


def _ready(domains: Collection[str]) -> set[str]:
    """The names whose new certificate need not wait."""
    ready = {name for name in domains if not must_wait(name, _next_key(name))}
    for name in sorted(set(domains) - ready):
        logger.info('The new certificate of %s waits until its key is known (TLSA)', name)
    return ready


def _self_made(domain: str) -> tuple[str, str] | None:
    """The files of the key and certificate to show until there is one of an authority."""
    try:
        privileged.certificate_make(domain)
    except MailError as error:
        logger.warning('No certificate could be made for %s: %s', domain, error)
        return None
    key, certificate = self_made.paths_of(domain)
    return str(key), str(certificate)


MailCertificates = waiting_certificates(_ready, _self_made)
"""Certificates copied to a mail service, as soon as others know their keys."""


def release(host: str) -> None:
    """Show the certificate that waited, once it need not any more; cheap when none does."""
    told, shown = Memory().told(host), certificates.of(host)
    if told is None or shown is None or 'tlsa-1' not in told.values:
        return
    key = told.values['tlsa-1'].removeprefix('3 1 1 ')
    if key == shown.key_sum or must_wait(host, key):
        return
    app = app_module.App.get('email')
    for component in app.get_components_of_type(MailCertificates):
        component.setup_certificates([host])
