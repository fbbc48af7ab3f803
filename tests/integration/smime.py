# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages signed and encrypted as S/MIME (RFC 8551), made by openssl."""

import subprocess
from pathlib import Path

from .shapes import Shape, plain, whole

SIGNED, OPAQUE, ENCRYPTED = 'S/MIME, signed', 'S/MIME, signed in one piece', 'S/MIME, encrypted'
NAMES = (SIGNED, OPAQUE, ENCRYPTED)
_WORDS = ('Siegellackdose', 'Siegelringfinger', 'Safeknackerohr')


def _openssl(*words: str | Path, stdin: bytes = b'') -> bytes:
    return subprocess.run(['openssl', *words], input=stdin, capture_output=True, check=True).stdout


def made(folder: Path) -> tuple[Shape, ...]:
    """A message of each kind, with a new key; the words within binary data are not found."""
    key, certificate = folder / 'key', folder / 'certificate'
    _openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=S',
             '-addext', 'keyUsage=digitalSignature,keyEncipherment', '-keyout', key,
             '-out', certificate)  # fmt: skip
    sign = ('cms', '-sign', '-signer', certificate, '-inkey', key)
    ways = (sign, (*sign, '-nodetach'), ('cms', '-encrypt', '-aes256', certificate))
    texts = (whole(plain(f'Die grüne {word}\n', encoding='8bit')) for word in _WORDS)
    done = [_openssl(*way, stdin=text) for way, text in zip(ways, texts, strict=True)]
    content = [each.replace(b'\r\n', b'\n') for each in done]
    seen: tuple[tuple[str, ...], ...] = ((_WORDS[0],), (), ())
    return tuple(
        Shape(name, rest, words, tuple({word} - set(words)))
        for name, rest, words, word in zip(NAMES, content, seen, _WORDS, strict=True)
    )


def verified(folder: Path, message: bytes) -> bytes:
    """The text of a signed message, if its signature is valid."""
    return _openssl('cms', '-verify', '-CAfile', folder / 'certificate', stdin=message)


def decrypted(folder: Path, message: bytes) -> bytes:
    """The text of an encrypted message."""
    words = ('cms', '-decrypt', '-inkey', folder / 'key', '-recip', folder / 'certificate')
    return _openssl(*words, stdin=message)
