# SPDX-License-Identifier: AGPL-3.0-or-later
"""State of the signing keys of mail domains (DKIM, RFC 6376).

Private keys are in :mod:`.keystore`. What follows what is `/var/lib/freedombox-email/dkim/
DOMAIN.json`, root only; the rules are in :mod:`..dkim.rotation`. Should the file be lost, it is
made again from the keys on disk and from what Rspamd is told to sign with.

Should a private key be lost that signs, nothing is made in its place: others would check the
new signatures by the old record. The domain's mail goes out without that signature, and the
administrator is told, who brings the key back from a backup or has the keys changed.

DIAGNOSTICS
    key-failed     a key could not be made or read; the detail says why
    keys-damaged   the file that says what is known about keys cannot be read
"""

import base64
import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from ..config.facts import Signer, check_name
from ..config.rspamd import FOLDER as SETTINGS
from ..config.rspamd import OWN
from ..dns.records import Key
from ..errors import MailError, Reason
from ..system import files
from ..system.files import File
from . import keystore, rotation
from .rotation import Pair, Rotation

BITS = 2048
FORMER = 'dkim'
"""The selector of FreedomBox's built-in app."""
FOLDER = Path('/var/lib/freedombox-email/dkim')
SIGNING = (Path(OWN, 'dkim_signing.conf'), Path(SETTINGS, 'override.d/dkim_signing.conf'))
_SECONDS = 60
_LOCK_SECONDS = 5.0
"""The lock is held while a pair of keys is made and written, which takes one or two."""

logger = logging.getLogger(__name__)


def make_pair(domain: str, name: str) -> Pair:
    """Make and keep two keys."""
    large = rsa.generate_private_key(65537, BITS)
    small = ed25519.Ed25519PrivateKey.generate()
    pem = large.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    halves = (('rsa', pem), ('ed25519', base64.b64encode(small.private_bytes_raw())))
    return Pair(
        name, tuple(keystore.keep(domain, f'{name}-{kind}', private) for kind, private in halves)
    )


def remove_pair(domain: str, pair: Pair) -> None:
    """Delete private keys that are no longer used."""
    for selector in pair.selectors:
        keystore.remove(domain, selector)


def locked() -> AbstractContextManager[None]:
    """The lock on the state of keys."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    return files.locked(FOLDER / 'lock', _LOCK_SECONDS)


def _state(domain: str) -> Path:
    check_name(domain)
    return FOLDER / f'{domain}.json'


def _read(domain: str) -> Rotation | None:
    """The state of a domain's keys, None when there is none."""
    path = _state(domain)
    try:
        return Rotation.from_json(json.loads(path.read_text(encoding='utf-8')))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, MailError) as error:
        raise MailError('keys-damaged', str(error), path=str(path)) from error


def load(domain: str) -> Rotation | None:
    """The state of a domain's keys; None when there is none, or it is damaged."""
    try:
        return _read(domain)
    except MailError as error:
        if error.code != 'keys-damaged':
            raise
        logger.warning('%s %s', error.sentence, error.detail)
        return None


def damage(domain: str) -> tuple[Reason, ...]:
    """Problems of the file with the state of a domain's keys."""
    try:
        _read(domain)
    except MailError as error:
        return (error.detailed,)
    return ()


def keep(known: Rotation) -> None:
    """Keep the state of a domain's keys."""
    content = json.dumps(known.to_json(), indent=1).encode()
    file = File('file', content, 0o600, os.geteuid(), os.getegid())
    files.write(str(_state(known.domain)), file)


def signing(domain: str) -> frozenset[str]:
    """The selectors in Rspamd's settings for a domain, ours or an administrator's."""
    check_name(domain)
    text = '\n'.join(
        path.read_text(encoding='utf-8', errors='replace') for path in SIGNING if path.exists()
    )
    folders = '|'.join(map(re.escape, (keystore.KEYS, keystore.EARLIER)))
    path = re.escape(f'/{domain}.')
    return frozenset(re.findall(rf'(?:{folders}){path}([a-z0-9-]+)\.key', text))


def ensure(domain: str) -> Rotation:
    """The state of a domain's keys, with a pair made where there is none."""
    with locked():
        return ensured(domain, datetime.now(UTC))


def ensured(domain: str, now: datetime) -> Rotation:
    """The same for a caller who holds the lock."""
    known = load(domain)
    keystore.adopt(domain, _expected(domain, known))
    try:
        there = keystore.keys_of(domain)
    except (OSError, ValueError) as error:
        raise MailError('key-failed', str(error)) from error
    mended = _mended(known, there) if known else _begun(domain, there, now)
    if mended != known:
        keep(mended)
    return mended


def _grouped(keys: list[Key]) -> Iterator[Pair]:
    names = dict.fromkeys(rotation.name_of(key.selector) for key in keys)
    for name in names:
        yield Pair(name, tuple(key for key in keys if rotation.name_of(key.selector) == name))


def _begun(domain: str, there: list[Key], now: datetime) -> Rotation:
    """The state of a domain without one: keys that sign already go on to."""
    pairs, in_use = list(_grouped(there)), signing(domain)
    if not pairs:
        latest = max(map(rotation.name_of, in_use), key=rotation.number_of, default='')
        pair = make_pair(domain, rotation.following(latest, now))
        return rotation.begin(domain, pair, now)
    signs = in_use or {FORMER}
    live = next((pair for pair in pairs if signs & set(pair.selectors)), pairs[0])
    made = keystore.path_of(domain, live.selectors[0]).stat().st_mtime
    since = min(datetime.fromtimestamp(made, UTC), now)
    return rotation.begin(domain, live, since, [pair for pair in pairs if pair != live])


def _expected(domain: str, known: Rotation | None) -> dict[str, str | None]:
    """Selectors that must be there, with the public halves that are known."""
    if known:
        return {key.selector: key.public for key in known.published()}
    return dict.fromkeys((FORMER, *sorted(signing(domain))))


def _mended(known: Rotation, there: list[Key]) -> Rotation:
    """The state, brought in line with the private keys on disk.

    After a backup is restored there may be keys it did not know, which have signed since.
    Where a key that should sign is gone, the next pair takes over as soon as that is safe.
    """
    selectors = {key.selector for key in there}
    listed = {key.selector for key in known.published()}
    strangers = [key for key in there if key.selector not in listed]
    known = rotation.with_old(known, list(_grouped(strangers)))
    if known.next and not set(known.next.pair.selectors) <= selectors:
        known = rotation.without_next(known)
    if known.next and not set(known.live.selectors) <= selectors:
        known = replace(known, asked=True)
    return known


def _is_there(domain: str, selector: str) -> bool:
    return keystore.path_of(domain, selector).exists()


def signers(domain: str) -> tuple[Signer, ...]:
    """The keys mail of a domain shall be signed with; one that is lost signs nothing."""
    known = load(domain)
    selectors = known.live.selectors if known else ()
    return tuple(Signer(domain, each) for each in selectors if _is_there(domain, each))


def lost(domain: str) -> tuple[str, ...]:
    """Selectors mail of a domain should be signed with, whose private keys are gone."""
    known = load(domain)
    selectors = known.live.selectors if known else ()
    return tuple(each for each in selectors if not _is_there(domain, each))


def given_up(domain: str) -> tuple[Key, ...]:
    """The keys of a domain whose records nothing needs any more."""
    known = load(domain)
    return known.given_up() if known else ()
