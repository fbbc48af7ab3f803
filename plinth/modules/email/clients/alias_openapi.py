# SPDX-License-Identifier: AGPL-3.0-or-later
"""The description of the interfaces by which password managers make aliases (OpenAPI 3.1)."""

from typing import Any

SIMPLELOGIN = '/api/alias/random/new'
ADDY = '/api/v1/aliases'
FIELDS = ('note', 'domain', 'description')
"""The fields of requests that are read; all others have no effect."""
_TEXT = {'type': 'string'}
_GIVEN = {'type': ['string', 'null']}


def _object(required: tuple[str, ...], **fields: Any) -> dict[str, Any]:
    return {'type': 'object', 'required': list(required), 'properties': fields}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {'application/json': {'schema': schema}}


def _answers(made: dict[str, Any], error: str) -> dict[str, Any]:
    """The answers of an interface, whose errors stand in one field."""
    texts = {
        '400': 'The limit of the person is reached, or the request cannot be read',
        '401': 'The key is unknown',
        '405': 'Another method than POST',
        '413': 'The request is too long',
        '429': 'Too many wrong keys',
        '503': 'The directory does not answer',
    }
    failed = _json(_object((error,), **{error: _TEXT}))
    return {
        '201': {'description': 'The alias', 'content': _json(made)},
        **{status: {'description': text, 'content': failed} for status, text in texts.items()},
    }


def _simplelogin() -> dict[str, Any]:
    made = _object(
        ('alias', 'email'), alias=_TEXT, email=_TEXT, enabled={'type': 'boolean'}, note=_TEXT
    )
    return {
        'operationId': 'simplelogin',
        'summary': 'Make a random alias (SimpleLogin)',
        'security': [{'simplelogin': []}],
        'parameters': [{'name': 'hostname', 'in': 'query', 'schema': _TEXT}],
        'requestBody': {'required': False, 'content': _json(_object((), note=_GIVEN))},
        'responses': _answers(made, 'error'),
    }


def _addy() -> dict[str, Any]:
    data = _object(
        ('id', 'email'), id=_TEXT, email=_TEXT, local_part=_TEXT, domain=_TEXT,
        description=_TEXT, active={'type': 'boolean'},
    )  # fmt: skip
    return {
        'operationId': 'addy',
        'summary': 'Make a random alias (addy.io)',
        'security': [{'addy': []}],
        'requestBody': {
            'required': False,
            'content': _json(_object((), domain=_GIVEN, description=_GIVEN)),
        },
        'responses': _answers(_object(('data',), data=data), 'message'),
    }


def document(base: str) -> dict[str, Any]:
    """The description, for interfaces below a path."""
    return {
        'openapi': '3.1.0',
        'info': {'title': 'Aliases for password managers', 'version': '1'},
        'servers': [{'url': base.rstrip('/')}],
        'paths': {SIMPLELOGIN: {'post': _simplelogin()}, ADDY: {'post': _addy()}},
        'components': {
            'securitySchemes': {
                'simplelogin': {'type': 'apiKey', 'in': 'header', 'name': 'Authentication'},
                'addy': {'type': 'http', 'scheme': 'bearer'},
            }
        },
    }
