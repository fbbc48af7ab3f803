# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether an authority may issue a certificate, by a domain's CAA records (RFC 8659, 8657)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from ..status import State, Verdict
from .records import ISSUER

METHOD = 'http-01'
"""How the box proves to the authority that a name is its own."""
_KNOWN = frozenset({'issue', 'issuewild', 'iodef', 'issuemail'})
_CRITICAL = 128
_NAME = re.compile(r'([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?', re.I)
_PARAMETER = re.compile(r'([a-z0-9][a-z0-9-]*)[ \t]*=[ \t]*([!-:<-~]*)', re.IGNORECASE)


@dataclass(frozen=True)
class Permission:
    """The authorities that may issue certificates, and their conditions; no issuer allows none."""

    issuer: str = ''
    parameters: dict[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def parse(cls, value: str) -> Self:
        """The permission of an `issue` property; one that is malformed allows none."""
        issuer, _semicolon, rest = value.partition(';')
        found = [_PARAMETER.fullmatch(each.strip()) for each in rest.split(';')]
        if not _NAME.fullmatch(issuer.strip()) or (rest.strip() and None in found):
            return cls()
        return cls(issuer.strip().lower(), {each[1].lower(): each[2] for each in found if each})

    @property
    def methods(self) -> set[str]:
        """The ways of proof that are allowed, none for all."""
        return {each.strip().lower() for each in self._given('validationmethods').split(',')} - {''}

    def _given(self, name: str) -> str:
        return self.parameters.get(name, '')

    @property
    def allows(self) -> bool:
        """Whether the box's authority may issue, as far as can be seen."""
        is_ours = self.issuer == ISSUER
        return is_ours and ('validationmethods' not in self.parameters or METHOD in self.methods)

    @property
    def is_for_account(self) -> bool:
        """Whether it is for one account with the authority."""
        return 'accounturi' in self.parameters


def judge(values: Iterable[str]) -> Verdict:
    """The verdict on the CAA records that count for a name."""
    properties = [_split(value) for value in values]
    if any(flags & _CRITICAL and tag not in _KNOWN for flags, tag, _value in properties):
        return Verdict(State.BROKEN, 'caa-critical')
    found = [Permission.parse(value) for _flags, tag, value in properties if tag == 'issue']
    if not found:
        return Verdict(State.WORKS, 'right')
    allowing = [each for each in found if each.allows]
    if any(not each.is_for_account for each in allowing):
        return Verdict(State.WORKS, 'right')
    return Verdict(State.UNKNOWN, 'caa-account') if allowing else _forbidden(found)


def _forbidden(found: Iterable[Permission]) -> Verdict:
    """The verdict on records by which no certificate comes."""
    issuers = sorted({each.issuer for each in found} - {''})
    if ISSUER in issuers:
        return Verdict(State.BROKEN, 'caa-method')
    if not issuers:
        return Verdict(State.BROKEN, 'caa-nobody')
    return Verdict(State.BROKEN, 'caa-forbids', {'issuer': ', '.join(issuers)})


def _split(value: str) -> tuple[int, str, str]:
    """Flags, tag and value of a record as zone files spell it."""
    flags, tag, rest = (*value.split(None, 2), '', '', '')[:3]
    return int(flags) if flags.isdecimal() else 0, tag.lower(), _unquoted(rest)


def _unquoted(text: str) -> str:
    return re.sub(r'\\(.)', r'\1', text.strip().removeprefix('"').removesuffix('"'))
