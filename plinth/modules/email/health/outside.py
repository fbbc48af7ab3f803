# SPDX-License-Identifier: AGPL-3.0-or-later
"""Findings about the way in: port 25 tested by another box, and messages that came."""

from collections.abc import Iterator

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from ..status import State, Verdict
from ..words import dns
from ..words.text import Text, with_box_name
from .finding import Answer, Finding, Remedy
from .observation import Observation, Records

OPEN = 'reach-open'
TITLES: dict[str, Text] = {
    'reach-shut': _("Other servers can't connect to port 25 of {box_name}."),
    'reach-partly': _("Other servers can't connect to port 25 of {box_name} at one of its "
                      'addresses.'),
    'reach-other': _('Another mail server answers for {box_name} on port 25.'),
    'reach-silent': _('Port 25 is open, but no mail server answered there in time.'),
}  # fmt: skip
sentence = lazy(dns.sentence, str)
"""What a verdict says, in the reader's language."""
_GRAVE = frozenset({'reach-shut', 'reach-other'})


def tested(seen: Observation) -> Records | None:
    """The check with a test from outside, unless a message has come in since."""
    found = next((each for each in seen.records or () if each.reach), None)
    received = seen.times.received if seen.times else None
    if found is None or (found.checked and received and received > found.checked):
        return None
    return found


def findings(seen: Observation) -> Iterator[Finding]:
    """A way in that is shut, or by which no message has come so far."""
    found = tested(seen)
    if found and found.reach and found.reach.code in TITLES:
        yield _shut(found, found.reach)
    elif seen.reachable and seen.times and not seen.times.received:
        yield _unreached(is_open=found is not None)


def _shut(records: Records, found: Verdict) -> Finding:
    is_grave, title = found.code in _GRAVE, with_box_name(TITLES[found.code])
    return Finding(
        'port-25-in',
        State.BROKEN if is_grave else State.LOOK,
        title,
        sentence(found),
        Remedy(_('Router settings'), page='networks:index'),
        Remedy(_('Check again'), repair='check', about=records.domain),
        Answer(State.BROKEN, title) if is_grave else None,
        records.checked,
    )


def _unreached(*, is_open: bool) -> Finding:
    """No message yet, though port 25 may be known to be open."""
    title = _('No other mail server has reached {box_name} yet.')
    answer = _('Mail is working on {box_name}. No other mail server has reached it yet.')
    if is_open:
        title = _('No message from another mail server has arrived yet.')
        answer = _('Mail is working on {box_name}. No message from outside has arrived yet.')
    return Finding(
        'unreached',
        State.UNKNOWN,
        with_box_name(title),
        _('Send yourself a message from another mailbox to see whether mail arrives.'),
        Remedy(_('Test receiving'), page='email:test-message'),
        answer=Answer(State.UNKNOWN, with_box_name(answer)),
    )
