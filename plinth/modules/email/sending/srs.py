# SPDX-License-Identifier: AGPL-3.0-or-later
"""Senders of mail that is passed on, rewritten so that other servers accept it (SRS).

Another server asks by SPF whether this box may send for the domain of the sender. So mail from
outside that leaves again gets a sender at a domain of ours, with the original one and a code in it.
A bounce to it finds its way back, as long as the code is ours and not too old. Debian's python3-srs
makes and reads the addresses, in the form that other servers use as well.

The code counts for one domain of ours. It also says whether it was proven that the original
sender sent the message. If not, a bounce would hit a stranger, and goes to the postmaster instead:
the address then begins with `SRS0-`, and its code is another one.

An address that another server rewrote before (`SRS1`) has no date in it, so its code is made of
the present fortnight, and holds until the end of the next one.

Rspamd asks for new senders (`forward`). Postfix asks whether a bounce may come in (`check`), where
it leads (`bounce`), and who the sender was of a copy that stays on this box (`sender`).
"""

import asyncio
import hmac
import os
import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from SRS.Guarded import Guarded

from ..config.forwarding import BOUNCE_CLASS
from .socketmap import FIRST_SOCKET, NOT_FOUND, SocketMapService

SECRETS = 'secrets'
"""The file systemd hands over (`LoadCredential=`)."""
_EXPIRED = '550 5.1.6 This return address has expired'
_FORGED = '550 5.1.1 This return address was not made here'
DAYS = 14
"""How long a bounce may come back: two servers may each keep a message for five days."""
_DAY = 24 * 3600
_HASH = 6
"""Signs of a code: 36 bits."""
PROVEN, UNPROVEN = '=', '-'
_ATOM = r'[^\x00-\x20\x7f()<>@,;:\\"\[\].]+'
_PLAIN = re.compile(rf'{_ATOM}(\.{_ATOM})*')


class ForgedAddressError(ValueError):
    """The address was not made here, or for another domain."""


class ExpiredAddressError(ValueError):
    """The code of the address is too old."""


@dataclass(frozen=True)
class OriginalSender:
    """The sender of a message before it was passed on, and whether that was proven."""

    address: str
    is_proven: bool


class _Guarded(Guarded):
    """Addresses of one domain. A server that changes capitals is no reason to complain."""

    def warn(self, *_words: str) -> None:
        """Say nothing."""


def is_rewritten(address: str) -> bool:
    """Whether an address looks like one of these."""
    return address[:4].lower() in ('srs0', 'srs1') and address[4:5] in ('=', '-', '+')


class SenderRewriter:
    """Addresses by these secrets, the newest of which makes new ones."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError('There is no secret.')
        self._secrets = tuple(secret.encode() for secret in secrets)

    def _keys(self, purpose: str) -> tuple[str, ...]:
        return tuple(
            hmac.new(secret, purpose.encode(), 'sha256').hexdigest() for secret in self._secrets
        )

    def _guarded(self, domain: str, sign: str, times: Sequence[int] = ()) -> _Guarded:
        """The addresses of a domain, `times` are fortnights for those without a date."""
        purposes = [f'{domain} {sign}{number}' for number in times or ('',)]
        keys = [key for purpose in purposes for key in self._keys(purpose)]
        return _Guarded(secret=keys, maxage=DAYS, hashlength=_HASH, separator=sign)

    def forward(self, sender: str, domain: str, *, is_proven: bool) -> str:
        """The sender of a message that is passed on from an address of a domain of ours."""
        fortnight = int(time.time()) // (DAYS * _DAY)
        times = (fortnight,) if is_rewritten(sender) else ()
        sign = PROVEN if is_proven else UNPROVEN
        return str(self._guarded(domain.lower(), sign, times).forward(sender, domain))

    def reverse(self, address: str) -> OriginalSender:
        """The sender an address of ours stands for."""
        sign, domain = address[4:5], address.rpartition('@')[2].lower()
        if not is_rewritten(address) or sign not in (PROVEN, UNPROVEN):
            raise ForgedAddressError(address)
        fortnight = int(time.time()) // (DAYS * _DAY)
        times = (fortnight, fortnight - 1) if address[3] == '1' else ()
        try:
            found = str(self._guarded(domain, sign, times).reverse(address))
        except (AssertionError, ValueError) as error:
            if 'timestamp' in str(error):
                raise ExpiredAddressError(address) from error
            raise ForgedAddressError(address) from error
        return OriginalSender(found, sign == PROVEN)


def quoted(address: str) -> str:
    """An address as it is written in SMTP: odd names before the @ in quotation marks."""
    local, _at, domain = address.rpartition('@')
    if _PLAIN.fullmatch(local):
        return address
    escaped = re.sub(r'(["\\])', r'\\\1', local)
    return f'"{escaped}"@{domain}'


def unquoted(address: str) -> str:
    """An address as it is meant, without quotation marks."""
    local, _at, domain = address.rpartition('@')
    if len(local) < 2 or not local.startswith('"') or not local.endswith('"'):
        return address
    plain = re.sub(r'\\(.)', r'\1', local[1:-1])
    return f'{plain}@{domain}'


def _found(answer: str) -> bytes:
    return f'OK {answer}'.encode()


class SenderService:
    """The answers to questions about rewritten senders."""

    def __init__(self, rewriter: SenderRewriter) -> None:
        self._rewriter = rewriter

    def _forward(self, key: str) -> bytes:
        """A new sender; the key is our domain, `proven` or `unproven`, and the sender."""
        domain, how, sender = key.split(' ', 2)
        if how not in ('proven', 'unproven') or '@' not in sender or not key.isprintable():
            return NOT_FOUND
        return _found(quoted(self._rewriter.forward(sender, domain, is_proven=how == 'proven')))

    def _check(self, key: str) -> bytes:
        """The answer of Postfix to a recipient."""
        try:
            self._rewriter.reverse(key)
        except ExpiredAddressError:
            return _found(_EXPIRED)
        except ForgedAddressError:
            return _found(_FORGED)
        return _found(BOUNCE_CLASS)

    def _bounce(self, key: str) -> bytes:
        """The address a bounce leads to: the sender, or the postmaster if that was not proven."""
        try:
            found = self._rewriter.reverse(key)
        except (ExpiredAddressError, ForgedAddressError):
            return NOT_FOUND
        domain = key.rpartition('@')[2]
        return _found(quoted(found.address) if found.is_proven else f'postmaster@{domain}')

    def _sender(self, key: str) -> bytes:
        """The original sender."""
        try:
            return _found(quoted(self._rewriter.reverse(key).address))
        except (ExpiredAddressError, ForgedAddressError):
            return NOT_FOUND

    async def answer(self, question: bytes) -> bytes:
        """The answer to a question: a table, a blank, a key."""
        tables = {
            b'forward': self._forward,
            b'check': self._check,
            b'bounce': self._bounce,
            b'sender': self._sender,
        }
        table, _blank, key = question.partition(b' ')
        end = b'\n' if table == b'forward' else b''  # up to which Rspamd reads
        try:
            return tables[table](unquoted(key.decode())) + end if table in tables else NOT_FOUND
        except ValueError:
            return NOT_FOUND + end  # no address, or no text


def read_secrets(text: str) -> tuple[str, ...]:
    """The secrets in a file: a moment and a secret on each line, the newest first."""
    return tuple(line.split()[1] for line in text.splitlines() if line.strip())


def main() -> None:
    """Serve the sockets systemd hands over."""
    folder, count = os.environ['CREDENTIALS_DIRECTORY'], int(os.environ['LISTEN_FDS'])
    secrets = read_secrets(Path(folder, SECRETS).read_text(encoding='ascii'))
    service = SenderService(SenderRewriter(secrets))
    sockets = [socket.socket(fileno=FIRST_SOCKET + number) for number in range(count)]
    asyncio.run(SocketMapService(service.answer).run(*sockets))
