# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reasons and the one error type of this app: a code and the values its sentence names.

The sentences are in :mod:`.words.errors`, so that each reader gets them in their language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from .words import errors as words
from .words.errors import Value as Value

if TYPE_CHECKING:
    from .words.text import Sentence


@dataclass(frozen=True)
class Reason:
    """The reason for a refusal, a failure or a problem.

    Its key is `CODE`, or `CODE.VARIANT` where a code has several sentences; programs go by the
    code alone. As text it is English, for logs.
    """

    key: str
    params: Mapping[str, Value] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The part of the key that programs go by."""
        return self.key.partition('.')[0]

    @property
    def sentence(self) -> str:
        """The sentence in the language of the reader."""
        return words.translated(self.key, self.params)

    @property
    def said(self) -> 'Sentence':
        """The sentence for a reader whose language is not known yet."""
        return words.said(self.key, self.params)

    def __str__(self) -> str:
        return words.english(self.key, self.params)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {'key': self.key, 'params': dict(self.params)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reason `to_json` was made of."""
        return cls(str(data['key']), dict(data['params']))


class MailError(Exception):
    """A refusal or a failure: its reason, and the detail an expert wants.

    Both are its arguments: FreedomBox rebuilds an error of root's service from them. As text it is
    in the language of the reader, for FreedomBox shows errors of operations so.
    """

    def __init__(
        self,
        key: str,
        detail: str = '',
        given: Mapping[str, Value] | None = None,
        /,
        **params: Value,
    ) -> None:
        self.reason = Reason(key, {**(given or {}), **params})
        self.detail = detail
        super().__init__(key, detail, self.reason.params)

    @property
    def code(self) -> str:
        """The code of its reason."""
        return self.reason.code

    @property
    def sentence(self) -> str:
        """The sentence of its reason, in the language of the reader."""
        return self.reason.sentence

    @property
    def detailed(self) -> Reason:
        """Its reason, with the detail in the sentence."""
        if not self.detail:
            return self.reason
        return Reason('detailed', {'why': self.reason.to_json(), 'detail': self.detail})

    def __str__(self) -> str:
        return self.sentence
