# SPDX-License-Identifier: AGPL-3.0-or-later
"""Profiles (`.mobileconfig`) that set up mail on iPhone, iPad and Mac.

A profile is a property list (Apple's "Configuration Profile Reference", payload
`com.apple.mail.managed`), signed with the certificate of the mail host (CMS, RFC 5652), so that the
device shows whom it comes from. Without a certificate that devices trust it stays unsigned; they
then say so.
"""

import plistlib
import uuid
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from ..config.facts import CertificateFiles
from ..errors import MailError
from .account import ClientAccount
from .servers import IMAP, OUTGOING, Security, is_trusted

CONTENT_TYPE = 'application/x-apple-aspen-config'
_SPACE = uuid.UUID('8f6f1f0a-7a4c-5d0e-9d52-6b4b3f0f1f61')
"""The space of the identifiers of profiles (RFC 9562, version 5)."""


def _identifier(account: ClientAccount) -> str:
    """The name of the profile of an address: a new one takes the place of an earlier one."""
    domain = '.'.join(reversed(account.settings.domain.split('.')))
    return f'{domain}.mail.{uuid.uuid5(_SPACE, account.address)}'


def _payload(account: ClientAccount) -> dict[str, object]:
    """The settings of the account."""
    outgoing, host = OUTGOING[0], account.settings.host
    return {
        'PayloadType': 'com.apple.mail.managed',
        'PayloadVersion': 1,
        'PayloadIdentifier': f'{_identifier(account)}.account',
        'PayloadUUID': str(uuid.uuid4()).upper(),
        'PayloadDisplayName': account.address,
        'EmailAccountDescription': account.address,
        'EmailAccountName': account.name,
        'EmailAccountType': 'EmailTypeIMAP',
        'EmailAddress': account.address,
        'IncomingMailServerAuthentication': 'EmailAuthPassword',
        'IncomingMailServerHostName': host,
        'IncomingMailServerPortNumber': IMAP.port,
        'IncomingMailServerUseSSL': IMAP.security is Security.TLS,
        'IncomingMailServerUsername': account.address,
        'IncomingPassword': account.password,
        'OutgoingMailServerAuthentication': 'EmailAuthPassword',
        'OutgoingMailServerHostName': host,
        'OutgoingMailServerPortNumber': outgoing.port,
        'OutgoingMailServerUseSSL': outgoing.security is Security.TLS,
        'OutgoingMailServerUsername': account.address,
        'OutgoingPasswordSameAsIncomingPassword': True,
        'PreventMove': False,
        'PreventAppSheet': False,
        'SMIMEEnabled': False,
        'disableMailRecentsSyncing': False,
    }


def document(account: ClientAccount, description: str) -> bytes:
    """The profile of an account, not signed; `description` is shown before it is installed."""
    return plistlib.dumps(
        {
            'PayloadType': 'Configuration',
            'PayloadVersion': 1,
            'PayloadIdentifier': _identifier(account),
            'PayloadUUID': str(uuid.uuid4()).upper(),
            'PayloadDisplayName': account.address,
            'PayloadDescription': description,
            'PayloadOrganization': account.settings.domain,
            'PayloadRemovalDisallowed': False,
            'PayloadContent': [_payload(account)],
        }
    )


def sign(content: bytes, chain: bytes, key: bytes) -> bytes:
    """A document with the signature around it, and the whole chain in it (CMS, DER).

    Raises ValueError where certificate or key cannot be read.
    """
    first, *others = x509.load_pem_x509_certificates(chain)
    private = serialization.load_pem_private_key(key, None)
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError('A key of this kind signs no profiles')
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(first, private, hashes.SHA256())
    for each in others:
        builder = builder.add_certificate(each)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def signed(content: bytes, host: str) -> bytes:
    """A document signed by a mail host if it has a certificate that devices trust."""
    if not is_trusted(host):
        return content
    own = CertificateFiles(host)
    try:
        return sign(content, Path(own.certificate).read_bytes(), Path(own.key).read_bytes())
    except (OSError, ValueError) as error:
        raise MailError('profile-not-signed', type(error).__name__, host=host) from error
