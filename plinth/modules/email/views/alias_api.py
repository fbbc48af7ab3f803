# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two interfaces by which password managers make aliases (doc/alias-api.md).

They are those of SimpleLogin and addy.io as far as password managers use them: one request makes a
random address of the person whose key comes with it. Wrong keys are few (see `throttle`) and
logged, so that fail2ban keeps out who goes on trying. Limits are those of the person.
"""

import json
import logging
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.generic import View

from .. import privileged
from ..clients import alias_openapi
from ..directory.alias import Alias
from ..directory.entry import LONGEST_NOTE
from ..errors import MailError
from ..words import clients as words
from ..words.text import Sentence
from .page import call
from .password import client_of, named
from .throttle import Throttle

logger = logging.getLogger(__name__)
throttle = Throttle()
LONGEST_REQUEST = 16_384
_ACCOUNT = 'alias key'
"""All keys count as one account: one that is wrong names none."""
_STATUS = {
    'alias-key-invalid': HTTPStatus.UNAUTHORIZED,
    'busy': HTTPStatus.SERVICE_UNAVAILABLE,
    'directory-down': HTTPStatus.SERVICE_UNAVAILABLE,
    'mail-not-set-up': HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Statuses of errors; all others are about the request."""


class RefusedRequestError(Exception):
    """A request that cannot be read, with its status and the reason."""

    def __init__(self, status: HTTPStatus, phrase: str) -> None:
        super().__init__(str(Sentence(phrase)))
        self.status = status


def plain_note(text: str) -> str:
    """A note of a password manager as one line of the length notes may have."""
    shown = ''.join(sign if sign.isprintable() else ' ' for sign in text[: 2 * LONGEST_NOTE])
    return ' '.join(shown.split())[:LONGEST_NOTE].rstrip()


class AliasApi(View):
    """Base of both interfaces."""

    http_method_names = ('post',)
    error_field: ClassVar[str]

    def key(self, request: HttpRequest) -> str:
        """The key of a request."""
        raise NotImplementedError

    def wanted(self, request: HttpRequest, body: dict[str, str]) -> tuple[str, str]:
        """Domain and note of the alias, '' where the request names none."""
        raise NotImplementedError

    def answer(self, alias: Alias) -> dict[str, Any]:
        """The answer about a new alias."""
        raise NotImplementedError

    def post(self, request: HttpRequest) -> JsonResponse:
        """Make an alias."""
        try:
            key, body = self.key(request), _body(request)
            alias = self._make(request, key, *self.wanted(request, body))
        except RefusedRequestError as refused:
            return self._error(refused.status, str(refused))
        except MailError as error:
            status = _STATUS.get(error.code, HTTPStatus.BAD_REQUEST)
            return self._error(status, str(error.sentence))
        return JsonResponse(self.answer(alias), status=HTTPStatus.CREATED)

    def _make(self, request: HttpRequest, key: str, domain: str, note: str) -> Alias:
        """Make an alias, unless too many wrong keys came before."""
        keys = _ACCOUNT, client_of(request) or 'unknown'
        if throttle.wait(*keys):
            raise RefusedRequestError(HTTPStatus.TOO_MANY_REQUESTS, words.TOO_MANY_KEYS)
        try:
            made = call(privileged.alias_by_key, key, domain, plain_note(note))
        except MailError as error:
            if error.code == 'alias-key-invalid':
                logger.warning('Wrong key on the page for mail passwords from %s', named(request))
            else:
                throttle.take_back(*keys)
            raise
        throttle.take_back(*keys)
        return Alias.from_json(made)

    def _error(self, status: HTTPStatus, reason: str) -> JsonResponse:
        """The answer that says why there is no alias."""
        return JsonResponse({self.error_field: reason}, status=status)

    def http_method_not_allowed(self, _request: HttpRequest, *_args: Any) -> HttpResponse:
        """The answer to another method; FreedomBox would lead Django's own one to a web page."""
        answer = self._error(HTTPStatus.METHOD_NOT_ALLOWED, str(Sentence(words.POST_ONLY)))
        answer['Allow'] = 'POST'
        return answer


def _body(request: HttpRequest) -> dict[str, str]:
    """The texts of a JSON object without those that are null; a body may be missing."""
    raw = request.read(LONGEST_REQUEST + 1)
    if len(raw) > LONGEST_REQUEST:
        raise RefusedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words.TOO_LONG)
    try:
        found = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError) as error:
        raise RefusedRequestError(HTTPStatus.BAD_REQUEST, words.NO_JSON) from error
    if not isinstance(found, dict):
        raise RefusedRequestError(HTTPStatus.BAD_REQUEST, words.NO_JSON)
    said = {name: found[name] for name in alias_openapi.FIELDS if found.get(name) is not None}
    if not all(isinstance(value, str) for value in said.values()):
        raise RefusedRequestError(HTTPStatus.BAD_REQUEST, words.NO_TEXT)
    return said


class SimpleLoginApi(AliasApi):
    """`POST /api/alias/random/new` of SimpleLogin."""

    error_field = 'error'

    def key(self, request: HttpRequest) -> str:
        """The key, which is the whole of the header."""
        return str(request.headers.get('Authentication', ''))

    def wanted(self, request: HttpRequest, body: dict[str, str]) -> tuple[str, str]:
        """The note, else the web site the alias is for; the domain is ours to choose."""
        return '', body.get('note') or request.GET.get('hostname', '')

    def answer(self, alias: Alias) -> dict[str, Any]:
        """The alias, as far as it has what theirs have."""
        return {'alias': alias.address, 'email': alias.address, 'enabled': alias.enabled,
                'note': alias.note}  # fmt: skip


class AddyApi(AliasApi):
    """`POST /api/v1/aliases` of addy.io."""

    error_field = 'message'

    def key(self, request: HttpRequest) -> str:
        """The key, behind the word Bearer (RFC 6750)."""
        kind, _space, key = str(request.headers.get('Authorization', '')).partition(' ')
        return key.strip() if kind.lower() == 'bearer' else ''

    def wanted(self, _request: HttpRequest, body: dict[str, str]) -> tuple[str, str]:
        """The domain and the description."""
        return body.get('domain', '').strip(), body.get('description', '')

    def answer(self, alias: Alias) -> dict[str, Any]:
        """The alias, as far as it has what theirs have."""
        return {
            'data': {
                'id': alias.address, 'email': alias.address,
                'local_part': alias.address.rpartition('@')[0],
                'domain': alias.domain,
                'description': alias.note, 'active': alias.enabled,
            }
        }  # fmt: skip


class OpenApi(View):
    """The description of both interfaces (OpenAPI 3.1)."""

    http_method_names = ('get', 'head')

    def get(self, _request: HttpRequest) -> JsonResponse:
        """Show it."""
        return JsonResponse(alias_openapi.document(str(reverse('email:alias-api'))))
