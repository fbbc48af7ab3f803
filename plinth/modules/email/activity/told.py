# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories in sentences, for pages and the command: one for each step, plain words first.

The words of another server are explained where `status_codes` knows them; they are kept beside the
sentence as they are (`answer`), with the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..words import status_codes as meanings
from ..words import told_messages as refusals
from ..words import trace as words
from ..words.spam_reasons import sentence_for
from .refusals import own_refusal
from .rule_steps import BY_RULE, COMMON
from .status_codes import Explanation, table
from .traced import TracedEnd, TracedMessage, TracedStep

_OF_OTHERS = ('delayed', 'returned', 'sent')
"""Steps whose words are those of another server."""
_ANSWERED, _TARGETED = ('waiting', 'returned'), ('delivered', 'sent', 'forwarded')


@dataclass(frozen=True)
class ToldStep:
    """A step in words; `answer` is what another server said, and `meaning` what that means.

    `advice` says what to do, `fault` where the cause is, and `page` names the page that mends it.
    """

    at: datetime
    last: datetime
    count: int
    kind: str
    sentence: str
    code: str = ''
    answer: str = ''
    meaning: str = ''
    advice: str = ''
    fault: str = ''
    page: str = ''
    source: str = ''


def _said(phrase: words.Phrase, values: Mapping[str, Any]) -> str:
    """A phrase in the language of the reader; programs without Django speak English."""
    from django.conf import settings

    if settings.configured:
        from ..words.text import say  # needs Django

        return say(phrase, values)
    plain = phrase if isinstance(phrase, str) else phrase[0 if values['count'] == 1 else 1]
    return plain.format(**values)


def explain(code: str, text: str, relay: str) -> Explanation | None:
    """The meaning of an answer, None for an unknown one or without a table."""
    try:
        return table().explain(code, text, relay)
    except (OSError, ValueError):
        return None


def _values(message: TracedMessage, step: TracedStep) -> Mapping[str, Any]:
    return {
        'recipient': step.recipient, 'target': _target(step),
        'text': step.text, 'count': step.count, 'login': message.login or message.sender,
        'client': message.client, 'host': step.text, 'score': f'{message.score:.1f}',
        'required': f'{message.required:.1f}',
    }  # fmt: skip


def _target(step: TracedStep) -> str:
    """A folder, or a host without its address."""
    if step.target.upper() == 'INBOX':
        return _said(words.INBOX, {})
    host = step.target.partition('[')[0] if step.kind in _OF_OTHERS else ''
    return host or step.target


def _arrival(message: TracedMessage) -> words.Phrase:
    """The sentence of an arrival, as far as the reader may know from where."""
    if message.way == 'rule' and not message.login:
        return words.ARRIVED_FROM_RULE
    if message.way == 'login' and not message.client:
        return words.ARRIVED_FROM_USER
    return words.ARRIVALS.get(message.way, words.ARRIVALS[''])


def _phrase(message: TracedMessage, step: TracedStep) -> words.Phrase:
    """The sentence a step has, with places for its values."""
    if step.kind == 'arrived':
        return _arrival(message)
    if step.kind == 'checked':
        return words.CHECKS.get(step.text.replace(' ', '-'), words.CHECKED)
    if step.kind in words.WITHOUT_TEXT and not step.text:
        return words.WITHOUT_TEXT[step.kind]
    if step.code == COMMON:
        return words.COMMON_FILTER
    if step.code == BY_RULE and step.kind in words.BY_RULE:
        return words.BY_RULE[step.kind]
    if step.kind in words.FOR_ALL and not step.recipient:
        return words.FOR_ALL[step.kind]
    return words.STEPS[step.kind]


def _told(message: TracedMessage, step: TracedStep) -> ToldStep:
    values = _values(message, step)
    if step.kind == 'refused' and (refusal := own_refusal(step.text)):
        meaning = _said(refusals.REFUSALS[refusal.meaning][0], {})
        text = _said(_phrase(message, step), {**values, 'text': meaning})
        return ToldStep(
            step.at, step.last, step.count, step.kind, text, step.code, step.text, meaning
        )
    found = explain(step.code, step.text, step.target) if step.kind in _OF_OTHERS else None
    plain = ToldStep(
        step.at, step.last, step.count, step.kind, _said(_phrase(message, step), values), step.code,
        step.text if step.kind in _OF_OTHERS else '',
    )  # fmt: skip
    if found is None or step.kind == 'sent':
        return plain
    meaning, advice = (_said(each, {}) for each in meanings.MEANINGS[found.meaning])
    return replace(
        plain, sentence=_said(_phrase(message, step), {**values, 'text': meaning}), meaning=meaning,
        advice=advice, fault=_said(meanings.FAULTS[found.fault], {}), page=found.page,
        source=found.source,
    )  # fmt: skip


def steps(message: TracedMessage) -> tuple[ToldStep, ...]:
    """The steps of a message in words, in the language of the reader."""
    return tuple(_told(message, step) for step in message.steps)


def result(name: str) -> str:
    """The word for a result."""
    return _said(words.RESULTS[name], {})


def reasons(message: TracedMessage) -> tuple[str, ...]:
    """The rules of the spam filter that weighed most, in words, with their points."""
    points: dict[str, float] = {}
    for each in message.reasons:
        found = sentence_for(each.rule)
        name = _said(found, {}) if found else each.rule
        points[name] = points.get(name, 0.0) + each.points
    return tuple(
        _said(words.REASON, {'sentence': name, 'points': f'{sum_:+.1f}'})
        for name, sum_ in points.items()
    )


def end(found: TracedEnd) -> str:
    """The end of the copy for one recipient, in words."""
    text = found.text
    explained = explain(found.code, text, found.target) if found.result in _ANSWERED else None
    if explained:
        text = _said(meanings.MEANINGS[explained.meaning][0], {})
    target = found.target.partition('[')[0] or found.target
    is_known = target if found.result in _TARGETED else text
    phrase = words.ENDS.get(found.result, '') if is_known else ''
    values = {'result': result(found.result), 'target': target, 'text': text}
    return _said(phrase or words.RESULTS[found.result], values)
