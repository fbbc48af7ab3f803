# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events from the line that Rspamd 3.12 writes about each message (`task_log`).

    <TAG>; proxy; rspamd_task_write_log: id: <MESSAGE-ID>, qid: <NUMBER>, ip: ADDRESS, from: <...>,
    (default: F (no action): [SCORE/LIMIT] [RULE(POINTS){WORDS;},...]), len: ...

Rspamd takes Message-ID and sender as they come, and both may look like later parts of the line. One
with two readings is not read: what happened to the message is in Postfix's lines as well.

DIAGNOSTICS
    Nothing is raised: a line that is no event is None.
"""

import heapq
import re

from .log_events import LONGEST_ADDRESS, Checked, Event, Titled
from .postfix_lines import ID, message_id, shown

SOURCE = 'rspamd'
MOST_REASONS = 3
_MARK = 'rspamd_task_write_log: id: <'
_TASK = re.compile(
    rf'<\w*>; [\w ]*; rspamd_task_write_log: id: <(.*)>, qid: <({ID})>, .*?'
    r'\(default: [A-Z] \(([a-z ]+)\): \[(-?\d+\.\d+|-?nan)/(-?\d+\.\d+|-?nan)\] \[(.*)'
)
_SUBJECT = re.compile(rf'<\w*>; lua; subjects\.lua:\d+: freedombox_subject: <({ID})> (.*)')
LONGEST_SUBJECT = 200
_ONCE = ('>, qid: <', '(default: ')
_END = ']), len: '
_DIGEST = ', digest: <'
_RECIPIENTS = re.compile(r'[0-9a-f]{32}>, rcpts: ((?:<[^<>]*>,)*<[^<>]*>)(?:, |$)')
MOST_RECIPIENTS = 100
_RULE = re.compile(r'(?:^|\},)([A-Z0-9][A-Z0-9_]{0,60})\((-?(?!0\.00\))\d+\.\d+)\)')


def _points(text: str) -> float:
    return 0.0 if text.endswith('nan') else float(text)


def _weight(rule: tuple[str, float]) -> float:
    return abs(rule[1])


def reasons(text: str) -> tuple[tuple[str, float], ...]:
    """The heaviest rules of a list."""
    rules = _RULE.findall(text.partition(_END)[0])
    found = [(name, float(points)) for name, points in rules]
    return tuple(heapq.nlargest(MOST_REASONS, found, key=_weight))


def recipients(text: str) -> tuple[str, ...]:
    """The recipients in the envelope, which stand behind the only digest."""
    parts = text.split(_DIGEST)
    found = _RECIPIENTS.match(parts[1]) if len(parts) == 2 else None
    names = found[1][1:-1].split('>,<')[:MOST_RECIPIENTS] if found else ()
    return tuple(shown(name, LONGEST_ADDRESS) for name in names)


def read(text: str) -> Event | None:
    """The event of a line of Rspamd, or of our own rule that logs subjects."""
    if titled := _SUBJECT.fullmatch(text):
        return Titled(titled[1], shown(titled[2], LONGEST_SUBJECT))
    if _MARK not in text or any(text.count(part) != 1 for part in _ONCE):
        return None
    found = _TASK.fullmatch(text)
    if found is None:
        return None
    name, number, action, score, required, rules = found.groups()
    points = _points(score)
    return Checked(
        number, message_id(name), action, points, _points(required), reasons(rules),
        recipients(rules),
    )  # fmt: skip
