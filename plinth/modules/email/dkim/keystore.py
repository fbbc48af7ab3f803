# SPDX-License-Identifier: AGPL-3.0-or-later
"""Private signing keys: files in a folder of root that Rspamd reads and cannot change.

NAME
    keystore - /var/lib/freedombox-email/keys/DOMAIN.SELECTOR.key

DESCRIPTION
    RSA keys are PEM, Ed25519 keys their 32 bytes in base64, the only form of it that Rspamd
    3.12 can read. The folder outlives the package of Rspamd, as the directory does: records
    in DNS go on naming these keys.
    Earlier versions and FreedomBox's built-in app keep theirs in /var/lib/rspamd/dkim, which
    belongs to Rspamd. They are copied from there, by descriptor and never over a link, if
    they are what they should be. The old ones stay until the key is given up, so that the
    built-in app finds them should it come back.

DIAGNOSTICS
    A key of the earlier folder that is no key, or another than is known, is logged and left.
"""

import base64
import binascii
import logging
import os
import pwd
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from ..config import rspamd
from ..config.facts import check_name
from ..dns.records import Key
from ..errors import MailError
from ..system import files, nofollow
from ..system.files import File

READER = '_rspamd'
KEYS = rspamd.KEYS
EARLIER = '/var/lib/rspamd/dkim'
"""Where Rspamd's own package, the built-in app and earlier versions keep keys."""
FOLDER_MODE = 0o750
FILE_MODE = 0o640
_MOST_BYTES = 16 * 1024

logger = logging.getLogger(__name__)


def path_of(domain: str, selector: str, folder: str = '') -> Path:
    """The file of a private key."""
    check_name(domain)
    check_name(selector)
    return Path(folder or KEYS) / f'{domain}.{selector}.key'


def public_half(private: bytes, *, is_ours: bool = False) -> tuple[str, str]:
    """Kind and public half of a private key, as records hold them.

    A key from elsewhere is checked whether it is one, which takes an RSA key 30 ms. Those in our
    folder were checked before they came there.
    """
    key = _parsed(private, is_ours=is_ours)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return 'ed25519', base64.b64encode(raw).decode()
    if isinstance(key, rsa.RSAPrivateKey):
        der = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return 'rsa', base64.b64encode(der).decode()
    raise ValueError('not a kind of key mail is signed with')


def _parsed(private: bytes, *, is_ours: bool) -> object:
    if private.startswith(b'-----BEGIN'):
        return serialization.load_pem_private_key(
            private, None, unsafe_skip_rsa_key_validation=is_ours
        )
    try:
        # Rspamd's own tool adds the public half to the 32 bytes.
        seed = base64.b64decode(private.strip(), validate=True)[:32]
    except binascii.Error as error:
        raise ValueError('not a key') from error
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def keys_of(domain: str) -> list[Key]:
    """Signing keys of a domain that are there, by their selectors."""
    check_name(domain)
    found = []
    for path in sorted(Path(KEYS).glob(f'{domain}.*.key')):
        selector = path.name.removeprefix(f'{domain}.').removesuffix('.key')
        if '.' in selector:
            continue  # a key of a longer domain that starts with this one
        kind, public = public_half(nofollow.read(path, _MOST_BYTES), is_ours=True)
        found.append(Key(selector, public, kind))
    return found


def _owner() -> tuple[int, int]:
    return 0, pwd.getpwnam(READER).pw_gid


def make_folder() -> None:
    """Make the folder of keys, in which only root changes anything."""
    folder = Path(KEYS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with nofollow.folder(folder) as handle:
        os.fchown(handle, *_owner())
        os.fchmod(handle, FOLDER_MODE)


def keep(domain: str, selector: str, private: bytes) -> Key:
    """Keep a private key; its public half."""
    kind, public = public_half(private)
    make_folder()
    file = File('file', private, FILE_MODE, *_owner())
    files.write(str(path_of(domain, selector)), file)
    return Key(selector, public, kind)


def remove(domain: str, selector: str) -> None:
    """Delete a private key that is no longer used, with the copy of earlier versions."""
    files.write(str(path_of(domain, selector)), files.ABSENT)
    earlier = path_of(domain, selector, EARLIER)
    with suppress(FileNotFoundError, MailError), nofollow.folder(earlier.parent) as handle:
        os.unlink(earlier.name, dir_fd=handle)


def adopt(domain: str, wanted: Mapping[str, str | None]) -> None:
    """Copy keys from the earlier folder that are missing here.

    `wanted` are their selectors, each with the public half where it is known: another key of
    that name is not the one whose record is published, and is left.
    """
    for selector, public in wanted.items():
        if path_of(domain, selector).exists():
            continue
        try:
            _adopt(domain, selector, public)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, MailError) as error:
            logger.error('The earlier key %s of %s is not used: %s', selector, domain, error)


def _adopt(domain: str, selector: str, public: str | None) -> None:
    """Copy one key, with its date: it tells how long the key has signed."""
    with nofollow.file(path_of(domain, selector, EARLIER)) as handle:
        made = os.fstat(handle).st_mtime
        private = os.read(handle, _MOST_BYTES)
    if public not in (None, public_half(private)[1]):
        raise ValueError('it is another key than the one that is published')
    keep(domain, selector, private)
    os.utime(path_of(domain, selector), (made, made))
