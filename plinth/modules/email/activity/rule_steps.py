# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deliveries by Dovecot and its Sieve scripts, as steps of a story.

Dovecot has taken the message in any case; its own lines tell whether it is in a folder. A script
may store it in several folders, pass it on and drop it, one after the other: what is in a
folder counts as delivered, whatever else happened to it.
"""

from collections.abc import Iterable, Mapping

from .log_events import RuleActed, RuleAction
from .story import MessageStory, Result, Step, StepKind

_STEPS: Mapping[RuleAction, StepKind] = {
    'stored': 'stored', 'forwarded': 'forwarded', 'discarded': 'discarded',
    'rejected': 'rejected', 'replied': 'replied', 'failed': 'failed', 'looped': 'looped',
    'ruled': 'ruled', 'common': 'ruled',
}  # fmt: skip
_RESULTS: Mapping[RuleAction, Result] = {
    'stored': 'delivered', 'forwarded': 'forwarded', 'discarded': 'discarded',
    'rejected': 'rejected',
}  # fmt: skip
BY_RULE, COMMON = 'rule', 'common'
"""The codes of steps that a script asked for, and of filters for all mailboxes."""
_STRENGTH: tuple[RuleAction, ...] = ('stored', 'forwarded', 'rejected', 'discarded')


def _passed_on(story: MessageStory, mailbox: str, target: str) -> None:
    """Know by whose rule a copy went on."""
    end = story.ends.get(target.lower())
    if end and not end.asked_for:
        story.end(end.address, end.result, end.at, asked_for=mailbox)


def passed_on_by(story: MessageStory, address: str) -> str:
    """The mailbox whose rule passed a copy on to an address, '' if there is none."""
    wanted = address.lower()
    found = (step for step in story.steps if step.kind == 'forwarded')
    return next((step.recipient for step in found if step.target.lower() == wanted), '')


def _ends(story: MessageStory, recipient: str) -> set[str]:
    """The kinds of steps about a recipient so far."""
    return {step.kind for step in story.steps if step.recipient == recipient}


def apply_rules(
    story: MessageStory, recipient: str, acts: Iterable[tuple[float, RuleActed | None]]
) -> None:
    """Put what was done to the copy for a recipient into its story."""
    for at, act in acts:
        if act is None:
            continue
        words = act.target if act.action == 'failed' else ''
        target = '' if words else act.target
        code = COMMON if act.action == 'common' else BY_RULE if act.by_rule else ''
        story.add(Step(at, _STEPS[act.action], recipient, code, words, target))
        if act.action == 'forwarded':
            _passed_on(story, recipient, act.target)
        if act.action in _RESULTS:
            _decide(story, recipient, at, act)


def _decide(story: MessageStory, recipient: str, at: float, act: RuleActed) -> None:
    """Let the strongest of several actions be the end of the copy."""
    seen = _ends(story, recipient)
    strongest = next(each for each in _STRENGTH if each in seen)
    end = story.ends.get(recipient.lower())
    target = end.target if end else ''
    if act.action == strongest and act.target:
        target = act.target
    story.end(recipient, _RESULTS[strongest], at, target=target)
