# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way back to the set-up of email from other pages of FreedomBox.

Those pages, where a domain or a certificate is made, cannot be told of the set-up; but each of
them shows notifications. So one names the next step, until all are done or an administrator
wants to go on later.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext_noop
from freedombox import kvstore

from ..activity import last_times
from ..activity.root_part import RootPart
from ..system import systemd
from ..words import health as words
from ..words.text import Sentence
from . import announce, network, observe
from .first_steps import Ground, SetupStep, next_of, steps
from .observation import Observation

ID = 'email-setup'
_KEY = 'email_setup'
_LATER, _DONE = 'later', 'done'


def is_put_away() -> bool:
    """Whether an administrator wants to go on later."""
    return bool(kvstore.get_default(_KEY, '') == _LATER)


def is_done() -> bool:
    """Whether all steps were done once; later problems are no set-up."""
    return bool(kvstore.get_default(_KEY, '') == _DONE)


def put_away(later: bool) -> None:
    """Go on later, or now."""
    kvstore.set(_KEY, _LATER if later else '')
    if later:
        show(())


def ground(seen: Observation) -> Ground:
    """The ground on which steps are judged now."""
    return Ground(seen, network.look(), datetime.now(UTC))


def steps_for(seen: Observation) -> tuple[SetupStep, ...]:
    """The steps of a set-up that is not done yet; none when it is."""
    if is_done() or not seen.enabled:
        return ()
    found = steps(ground(seen))
    if next_of(found):
        return found
    kvstore.set(_KEY, _DONE)
    return ()


def show(found: Sequence[SetupStep]) -> None:
    """Notify of the next step, or take the notification back."""
    number = next_of(tuple(found))
    code = found[number - 1].code if number else ''
    announce.show(
        ID,
        f'{code} {number}/{len(found)}' if code else '',
        announce.shown(ID),
        severity='info',
        title=gettext_noop('Email setup: step {step} of {steps}'),
        said=[Sentence(words.NEXT[code])] if code else [],
        link=Sentence(gettext_noop('Continue email setup')),
        page='email:guide',
        about=code,
        step=str(number),
        steps=str(len(found)),
    )


def follow() -> None:
    """Notify of the next step without a visit to the overview."""
    if is_put_away() or is_done():
        return
    times, read = last_times.kept()
    root = RootPart(times=times if read else None)
    seen = observe.look(systemd.starts_at_boot('postfix'), as_root=lambda: root)
    show(steps_for(seen))
