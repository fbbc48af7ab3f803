# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email rehearsal send|show`."""

import argparse

from ..activity import status_codes
from ..freedombox_seams import plain
from ..privileged import round_trip as actions
from ..sending.rehearsal import Score, score
from ..sending.round_trip import RoundTrip
from ..status import State
from ..words import round_trip as words
from ..words.dns import speak_english
from ..words.status_codes import MEANINGS
from .output import SIGNS, Exit, Output, table
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    sending = verbs.add('send', send, 'send a test message to a mailbox at another provider')
    sending.add_argument('user', help='the FreedomBox user whose mailbox it is sent from')
    sending.add_argument('address', help='a mailbox elsewhere; forward the message back from there')
    showing = verbs.add('show', show, 'show how the other server judged the test message')
    showing.add_argument('user', help='the FreedomBox user who sent it')


def send(arguments: argparse.Namespace) -> Output:
    """Send the test message."""
    speak_english()
    made = RoundTrip.from_json(plain(actions.round_trip_send)(arguments.user, arguments.address))
    lines = [
        f'Sent a test message from {made.sender} to {made.to}.',
        'Forward it back as an attachment, then run: freedombox-email rehearsal show '
        f'{arguments.user}',
    ]
    return Output(lines, {'test': made.to_json()})


def _lines(found: Score) -> list[str]:
    """The score and each check."""
    rows = [
        (SIGNS[mark.state], str(words.NAMES[mark.check]),
         str(words.RESULTS[words.code(mark.check, mark.result)]).format(
             domain=mark.domain or words.UNKNOWN_DOMAIN, host=mark.host))
        for mark in found.marks
    ]  # fmt: skip
    return [f'{found.passed} of {found.known} passed, {found.unknown} not reported.', *table(rows)]


def show(arguments: argparse.Namespace) -> Output:
    """Show the answer to the test message."""
    speak_english()
    found = plain(actions.round_trip_look)(arguments.user)
    test = RoundTrip.from_json(found) if found else None
    answer = test.answer if test else None
    result = score(answer) if answer else None
    data = {'test': found, 'score': result and {
        'passed': result.passed, 'known': result.known, 'unknown': result.unknown,
        'checks': {each.check: each.result for each in result.marks}}}  # fmt: skip
    if test is None:
        return Output(['There is no test message of the last 7 days.'], data, Exit.MISSING)
    if answer is None:
        return Output([f'No answer from {test.to} yet.'], data, Exit.UNKNOWN)
    if answer.is_bounce:
        meaning = status_codes.refusal(answer.refused)
        lines = [f'The message came back: {answer.refused}']
        return Output([*lines, *(MEANINGS[meaning.meaning] if meaning else ())], data, Exit.FAILED)
    if result is None:
        told = 'An answer came. It does not tell how the other server judged the message.'
        return Output([told], data, Exit.UNKNOWN)
    passed = result.state in (State.WORKS, State.UNKNOWN)
    return Output(_lines(result), data, Exit.OK if passed else Exit.FAILED)
