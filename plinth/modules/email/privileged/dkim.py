# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signature keys of mail domains on disk, and what is known about them (DKIM, RFC 6376).

A private key is `/var/lib/rspamd/dkim/DOMAIN.SELECTOR.key`, readable by Rspamd alone: RSA as
PEM, Ed25519 as its 32 bytes in base64, the only form of it that Rspamd 3.12 can read. Path,
and the selector `dkim` of keys made before there were pairs, are those of FreedomBox's
built-in app, so a box that changes over goes on signing with keys whose records are published.

What follows what is `/var/lib/freedombox-email/dkim/DOMAIN.json`, root only; the rules are in
:mod:`..dkim.rotation`. Should the file be lost, it is made again from the keys on disk and
from what Rspamd is told to sign with.

DIAGNOSTICS
    key-failed   a key could not be made or read; the detail says why
"""

import base64
import binascii
import json
import logging
import os
import pwd
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from ..config.facts import Signer, check_name
from ..config.rspamd import FOLDER as SETTINGS
from ..config.rspamd import KEYS, OWN
from ..dkim import rotation
from ..dkim.rotation import Pair, Rotation
from ..dns.records import Key
from ..errors import MailError
from . import files
from .files import File

BITS = 2048
OWNER = '_rspamd'
FORMER = 'dkim'
"""The selector of FreedomBox's built-in app."""
FOLDER = Path('/var/lib/freedombox-email/dkim')
SIGNING = (Path(OWN, 'dkim_signing.conf'), Path(SETTINGS, 'override.d/dkim_signing.conf'))
_SECONDS = 60

logger = logging.getLogger(__name__)


def key_path(domain: str, selector: str) -> Path:
    """Return where a private key is kept."""
    check_name(domain)
    check_name(selector)
    return Path(KEYS) / f'{domain}.{selector}.key'


def public_half(private: bytes) -> tuple[str, str]:
    """Return kind and public half of a private key, as records hold them."""
    key = _read(private)
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


def _read(private: bytes) -> object:
    if private.startswith(b'-----BEGIN'):
        return serialization.load_pem_private_key(private, None)
    try:
        # Rspamd's own tool adds the public half to the 32 bytes.
        seed = base64.b64decode(private.strip(), validate=True)[:32]
    except binascii.Error as error:
        raise ValueError('not a key') from error
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def on_disk(domain: str, folder: Path | None = None) -> list[Key]:
    """Return every signature key of a domain there is, by its selector."""
    check_name(domain)
    found = []
    for path in sorted((folder or Path(KEYS)).glob(f'{domain}.*.key')):
        selector = path.name.removeprefix(f'{domain}.').removesuffix('.key')
        if '.' in selector:
            continue  # a key of a longer domain that starts with this one
        kind, public = public_half(path.read_bytes())
        found.append(Key(selector, public, kind))
    return found


def make_pair(domain: str, name: str) -> Pair:
    """Make and keep two keys."""
    _make_folder(Path(KEYS))
    large = rsa.generate_private_key(65537, BITS)
    small = ed25519.Ed25519PrivateKey.generate()
    pem = large.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    keys = []
    for kind, private in (('rsa', pem), ('ed25519', base64.b64encode(small.private_bytes_raw()))):
        selector = f'{name}-{kind}'
        uid, gid = _owner()
        files.write(str(key_path(domain, selector)), File('file', private, 0o400, uid, gid))
        keys.append(Key(selector, public_half(private)[1], kind))
    return Pair(name, tuple(keys))


def remove_pair(domain: str, pair: Pair) -> None:
    """Delete private keys nobody needs any more."""
    for selector in pair.selectors:
        files.write(str(key_path(domain, selector)), files.ABSENT)


def _owner() -> tuple[int, int]:
    entry = pwd.getpwnam(OWNER)
    return entry.pw_uid, entry.pw_gid


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o500, parents=True, exist_ok=True)
    folder.chmod(0o500)
    os.chown(folder, *_owner())


def locked() -> AbstractContextManager[None]:
    """Hold what is known about keys to oneself."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    return files.locked(FOLDER / 'lock', _SECONDS)


def _state(domain: str) -> Path:
    check_name(domain)
    return FOLDER / f'{domain}.json'


def load(domain: str) -> Rotation | None:
    """Return what is known about the keys of a domain; None when nothing is, or it is spoilt."""
    path = _state(domain)
    try:
        return Rotation.from_json(json.loads(path.read_text(encoding='utf-8')))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logger.warning('What is known about keys of %s cannot be read: %s', domain, error)
        return None


def keep(known: Rotation) -> None:
    """Keep what is known about the keys of a domain."""
    content = json.dumps(known.to_json(), indent=1).encode()
    file = File('file', content, 0o600, os.geteuid(), os.getegid())
    files.write(str(_state(known.domain)), file)


def signing(domain: str) -> frozenset[str]:
    """Return the selectors Rspamd is told to sign with, whoever told it."""
    check_name(domain)
    text = '\n'.join(
        path.read_text(encoding='utf-8', errors='replace') for path in SIGNING if path.exists()
    )
    path = re.escape(f'{KEYS}/{domain}.')
    return frozenset(re.findall(rf'{path}([a-z0-9-]+)\.key', text))


def ensure(domain: str) -> Rotation:
    """Return what is known about the keys of a domain, which has one to sign with from now on."""
    with locked():
        return ensured(domain, datetime.now(UTC))


def ensured(domain: str, now: datetime) -> Rotation:
    """Do the same for somebody who holds the lock."""
    try:
        there = on_disk(domain)
    except (OSError, ValueError) as error:
        raise MailError('key-failed', 'A signature key could not be read.', str(error)) from error
    known = load(domain)
    mended = _mended(known, domain, there, now) if known else _begun(domain, there, now)
    if mended != known:
        keep(mended)
    return mended


def _grouped(keys: list[Key]) -> Iterator[Pair]:
    names = dict.fromkeys(rotation.name_of(key.selector) for key in keys)
    for name in names:
        yield Pair(name, tuple(key for key in keys if rotation.name_of(key.selector) == name))


def _begun(domain: str, there: list[Key], now: datetime) -> Rotation:
    """Return the start for a domain nothing is known about: what signs already goes on to."""
    pairs = list(_grouped(there))
    if not pairs:
        return rotation.begin(domain, make_pair(domain, rotation.following('', now)), now)
    in_use = signing(domain) or {FORMER}
    live = next((pair for pair in pairs if in_use & set(pair.selectors)), pairs[0])
    made = key_path(domain, live.selectors[0]).stat().st_mtime
    since = min(datetime.fromtimestamp(made, UTC), now)
    return rotation.begin(domain, live, since, [pair for pair in pairs if pair != live])


def _mended(known: Rotation, domain: str, there: list[Key], now: datetime) -> Rotation:
    """Return what is known, in line with the keys that are really there.

    After a backup is restored there may be keys it did not know, which have signed since.
    Where a key that should sign is gone, nothing that is published could be used.
    """
    selectors = {key.selector for key in there}
    listed = {key.selector for key in known.published()}
    strangers = [key for key in there if key.selector not in listed]
    known = rotation.with_old(known, list(_grouped(strangers)))
    if known.next and not set(known.next.pair.selectors) <= selectors:
        known = rotation.without_next(known)
    if not set(known.live.selectors) <= selectors:
        pair = make_pair(domain, rotation.following(known.latest, now))
        known = rotation.replaced(known, pair, now)
    return known


def signers(domain: str) -> tuple[Signer, ...]:
    """Return the keys mail of a domain shall be signed with."""
    known = load(domain)
    if known is None:
        return ()
    return tuple(Signer(domain, selector) for selector in known.live.selectors)


def given_up(domain: str) -> tuple[Key, ...]:
    """Return the keys of a domain whose records nothing needs any more."""
    known = load(domain)
    return known.given_up() if known else ()
