# SPDX-License-Identifier: AGPL-3.0-or-later
"""Requests to the web interfaces of DNS hosters: bounded in time and size, never redirected.

DIAGNOSTICS
    provider-down           there is no connection, or it takes too long
    provider-refused        the hoster refuses; the detail has its words
    provider-refused.token  the token is unknown, or may not change this zone
    provider-refused.zone   the token sees no such zone
    provider-refused.busy   the hoster wants fewer requests
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests

from ..directory.address import parse_domain
from ..errors import MailError
from .zone_sets import name_of

TIMEOUTS = (4.0, 10.0)
"""Seconds to connect, and between two parts of an answer."""
LONGEST_ANSWER = 4_000_000
LONGEST_TOKEN = 500
_LONGEST_DETAIL = 300
_REFUSED: Mapping[int, str] = {
    401: 'provider-refused.token',
    403: 'provider-refused.token',
    404: 'provider-refused.zone',
    429: 'provider-refused.busy',
}
"""The error about a status."""


def check_token(token: str) -> None:
    """Refuse a token that no header can hold."""
    if not token or len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise MailError('token-invalid')
    if ' ' in token:
        raise MailError('token-invalid')


@dataclass(frozen=True)
class HosterApi:
    """A web interface below a URL, and the header that opens it."""

    url: str
    authorization: str

    @property
    def name(self) -> str:
        """Its host, as errors name it."""
        return urlsplit(self.url).hostname or ''

    def ask(self, method: str, path: str = '', body: Any = None) -> Any:
        """The JSON a request is answered with, None for an empty answer."""
        headers = {'Authorization': self.authorization, 'Accept': 'application/json'}
        try:
            with requests.request(
                method, f'{self.url}{path}', headers=headers, json=body, timeout=TIMEOUTS,
                allow_redirects=False, stream=True,
            ) as answer:  # fmt: skip
                content = answer.raw.read(LONGEST_ANSWER + 1, decode_content=True)
                self._judge(answer.status_code, content)
        except requests.RequestException as error:
            raise MailError('provider-down', type(error).__name__, server=self.name) from error
        except OSError as error:
            raise MailError('provider-down', str(error), server=self.name) from error
        return self._parsed(content)

    def _judge(self, status: int, content: bytes) -> None:
        """Refuse an answer that is no success."""
        if 200 <= status < 300 and len(content) <= LONGEST_ANSWER:
            return
        words = content[:_LONGEST_DETAIL].decode('utf-8', 'replace')
        shown = ''.join(sign if sign.isprintable() else ' ' for sign in words)
        detail = f'{status} {shown}'.strip()
        raise MailError(_REFUSED.get(status, 'provider-refused'), detail, server=self.name)

    def _parsed(self, content: bytes) -> Any:
        try:
            return json.loads(content) if content.strip() else None
        except (ValueError, RecursionError) as error:
            raise MailError('provider-refused', 'no JSON', server=self.name) from error


@dataclass(frozen=True)
class HostedZone:
    """A zone at a hoster, and a token that may change it; `scheme` names the token's kind."""

    zone: str
    secret: str
    url: str
    scheme: ClassVar[str] = 'Bearer'

    def __post_init__(self) -> None:
        """Refuse settings that cannot be used."""
        if parse_domain(self.zone) != self.zone:
            raise MailError('zone-invalid')
        check_token(self.secret)

    @property
    def server(self) -> str:
        """The host of the web interface."""
        return self._hoster.name

    @property
    def _hoster(self) -> HosterApi:
        return HosterApi(self.url, f'{self.scheme} {self.secret}')

    def _listed(
        self, found: Any, apex: str, label: str, kind: str, values: str
    ) -> dict[tuple[str, str], list[str]]:
        """The sets in an answer, which has their label, kind and values under these keys."""
        try:
            return {
                (name_of(each[label], self.zone, apex), each[kind]): list(map(str, each[values]))
                for each in found
            }
        except (KeyError, TypeError) as error:
            raise MailError('provider-refused', 'no RRsets', server=self.server) from error
