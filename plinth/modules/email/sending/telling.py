# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where and when administrators are told: an address outside the box, and quiet hours.

The address is used once a code that was sent to it was entered, so that no one else's is told. Root
keeps the choices in a file, for the directory may be what broke.

DIAGNOSTICS
    address-invalid          this is no address
    notice-address-inside    its domain is one of this box
    notice-not-sent          no code could be sent to it
    notice-code-missing      there is no code, or it is too old
    notice-code-wrong        another code was sent
    quiet-hours-invalid      no hours of the day
"""

import hashlib
import hmac
import json
import pathlib
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ..directory.address import parse
from ..directory.domain import Domain
from ..directory.store import Store
from ..errors import MailError
from ..system import files
from ..system.json_value import JsonValue
from ..words import health_messages as words
from . import outside_notice

PATH = pathlib.Path('/var/lib/freedombox-email/telling.json')
CODE_PATH = pathlib.Path('/var/lib/freedombox-email/telling-code.json')
CODE_HOURS = 1
MOST_TRIES = 5
HOURS = range(24)


@dataclass(frozen=True)
class TellingChoice(JsonValue):
    """The address outside, and one that waits for its code; '' for none. Quiet hours, or none."""

    address: str = ''
    waiting: str = ''
    quiet_from: int | None = None
    quiet_until: int | None = None

    def is_quiet(self, hour: int) -> bool:
        """Whether it is night at this hour of the box."""
        begin, end = self.quiet_from, self.quiet_until
        if begin is None or end is None or begin == end:
            return False
        return begin <= hour < end if begin < end else hour >= begin or hour < end


@dataclass(frozen=True)
class _SentCode(JsonValue):
    """The digest of a code that was sent."""

    address: str
    salt: str
    digest: str
    until: datetime
    tries: int = 0


def load(path: pathlib.Path = PATH) -> TellingChoice:
    """The choices; none when they cannot be read."""
    try:
        return TellingChoice.from_json(json.loads(path.read_text(encoding='utf-8')))
    except (OSError, ValueError):
        return TellingChoice()


def _keep(telling: TellingChoice) -> None:
    files.tell_web(PATH, telling.to_json())


def _digest(salt: str, code: str) -> str:
    return hashlib.sha256(f'{salt} {code}'.encode()).hexdigest()


def _keep_code(sent: _SentCode) -> None:
    files.write(str(CODE_PATH), files.File('file', json.dumps(sent.to_json()).encode(), 0o600))


def _last_code() -> _SentCode:
    """The code that was sent last and still counts."""
    try:
        sent = _SentCode.from_json(json.loads(CODE_PATH.read_text(encoding='utf-8')))
    except (OSError, ValueError) as error:
        raise MailError('notice-code-missing') from error
    if sent.until < datetime.now(UTC) or sent.tries >= MOST_TRIES:
        raise MailError('notice-code-missing')
    return sent


def _outside(address: str) -> tuple[str, str]:
    """An address in its normal form, which is not of this box; and the primary domain."""
    given = parse(address)
    with Store() as store:
        if store.find(Domain, given.domain):
            raise MailError('notice-address-inside', domain=given.domain)
        primary = store.settings().primary_domain
    if not primary:
        raise MailError('mail-not-set-up')
    return str(given), primary


def _send_code(address: str, domain: str) -> None:
    """Send a new code to an address; the last one no longer counts."""
    code, salt = f'{secrets.randbelow(10**6):06}', secrets.token_hex(8)
    outside_notice.tell(
        address, domain, words.CODE_SUBJECT.format(code=code),
        words.CODE.format(domain=domain, code=code),
    )  # fmt: skip
    until = datetime.now(UTC) + timedelta(hours=CODE_HOURS)
    _keep_code(_SentCode(address, salt, _digest(salt, code), until))


def choose(address: str, quiet_from: int | None, quiet_until: int | None) -> TellingChoice:
    """Choose an address, which gets a code if it is a new one, and quiet hours."""
    if any(hour is not None and hour not in HOURS for hour in (quiet_from, quiet_until)):
        raise MailError('quiet-hours-invalid')
    before = load()
    quiet = replace(before, quiet_from=quiet_from, quiet_until=quiet_until)
    if not address.strip():
        chosen = replace(quiet, address='', waiting='')
    else:
        given, domain = _outside(address)
        if given == before.address:
            chosen = replace(quiet, waiting='')
        else:
            _send_code(given, domain)
            chosen = replace(quiet, waiting=given)
    _keep(chosen)
    return chosen


def confirm(code: str) -> TellingChoice:
    """Use the address a code was sent to."""
    sent = _last_code()
    _keep_code(replace(sent, tries=sent.tries + 1))
    if not hmac.compare_digest(sent.digest, _digest(sent.salt, code.strip())):
        raise MailError('notice-code-wrong')
    CODE_PATH.unlink(missing_ok=True)
    chosen = replace(load(), address=sent.address, waiting='')
    _keep(chosen)
    return chosen
