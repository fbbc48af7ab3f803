# SPDX-License-Identifier: AGPL-3.0-or-later
"""Take the place of the mail app that comes with FreedomBox, with all its mail.

Whatever is slow or may fail is done first, while that app goes on working. Only then mail
stops, for moments, so that nothing can arrive between the last look at the old place and the
first mail at the new one: other servers keep their mail and try again. All of it can be
repeated, so whatever cuts it short, the next start of FreedomBox carries on.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.utils.translation import gettext_lazy, gettext_noop
from freedombox.modules import firewall
from freedombox.privileged import service as service_privileged
from freedombox.utils import format_lazy

from .. import privileged
from ..directory.mailbox import Mailbox
from ..directory.store import Store
from ..errors import MailError, Reason
from ..freedombox_seams import show_progress
from ..migration.builtin.copy import BuiltinSurvey, MovedAddresses
from ..sync import synchronize
from ..system import systemd
from ..words import notices as words
from ..words.text import Sentence

BUILT_IN_SUBMISSION = 'smtp-submission'
"""firewalld's old name for port 587; FreedomBox cannot tell which port it stands for."""

NOTIFICATION = 'email-carried'
STOPPED = ('postfix', 'dovecot')
FATAL = 'copy-no-room'
"""The error after which the built-in app has to go on."""

logger = logging.getLogger(__name__)


def take_over() -> list[Reason]:
    """Put this app in force, with all mail of the built-in one; reasons why data are missing.

    When this fails the built-in app goes on working. Afterwards `finish` is to be called.
    """
    show_progress(gettext_noop('Moving from the previous email app'))
    found = BuiltinSurvey.from_json(privileged.builtin_survey())
    _copy(found.users)
    wanted = synchronize.follow_names((), found.primary)
    synchronize.follow_users()
    moved = MovedAddresses.from_json(privileged.builtin_addresses())
    privileged.builtin_prepare()
    synchronize.install_certificates(wanted)
    privileged.setup_rehearse()
    with _mail_stopped():
        missing = _place(found.users)
        show_progress(gettext_noop('Configuring the mail services'))
        privileged.builtin_requeue()
        privileged.setup()
    strangers = [Reason('user-missing.builtin', {'name': name}) for name in found.strangers]
    return [*missing, *strangers, *moved.problems]


def finish(missing: Sequence[Reason]) -> None:
    """Remove the built-in app's settings, and tell the administrator."""
    privileged.builtin_finish()
    privileged.builtin_remove()
    for zone in ('internal', 'external'):
        firewall.remove_service(BUILT_IN_SUBMISSION, zone)
    _teach()
    _tell(missing)


def _of_users() -> list[str]:
    """The mailboxes of users."""
    with Store() as store:
        return [each.address for each in store.search(Mailbox) if each.enabled and each.owner]


def _teach() -> None:
    """Have the spam filter learn from the mail each user has brought along."""
    addresses = _of_users()
    for number, address in enumerate(addresses, start=1):
        message = gettext_lazy('Teaching the spam filter: user {number} of {count}')
        show_progress(format_lazy(message, number=number, count=len(addresses)))
        try:
            privileged.spam_learn(address)
        except MailError as error:
            logger.warning('Nothing is learned from %s: %s', address, error.sentence)


def _copy(users: Sequence[str]) -> None:
    """Copy all mail there is by now."""
    for number, user in enumerate(users, start=1):
        message = gettext_lazy('Copying mail: user {number} of {count}')
        show_progress(format_lazy(message, number=number, count=len(users)))
        try:
            privileged.builtin_copy(user)
        except MailError as error:
            if error.code == FATAL:
                raise
            # Tried once more when mail is stopped; it is that time's result which counts.
            logger.warning('Copying mail of %s: %s %s', user, error.sentence, error.detail)


def _place(users: Sequence[str]) -> list[Reason]:
    """Bring the copies up to date and make them mailboxes; reasons why some failed."""
    show_progress(gettext_noop('Moving mail'))
    missing = []
    for user in users:
        try:
            privileged.builtin_place(user)
        except MailError as error:
            if error.code == FATAL:
                raise
            logger.error('Carrying mail of %s over: %s %s', user, error.sentence, error.detail)
            missing.append(Reason('not-moved', {'name': user, 'why': error.reason.to_json()}))
    return missing


@contextmanager
def _mail_stopped() -> Iterator[None]:
    """Stop mail from coming in and from being read; afterwards enabled services run."""
    enabled = [unit for unit in STOPPED if systemd.starts_at_boot(unit)]
    try:
        for unit in STOPPED:
            service_privileged.stop(unit)
        yield
    finally:
        for unit in reversed(enabled):
            service_privileged.start(unit)


def _tell(missing: Sequence[Reason]) -> None:
    """Show the result of the move of the built-in app's mail."""
    from ..health import announce  # needs the database; root's service has none

    moved = Sentence(words.SOME_MOVED if missing else words.ALL_MOVED)
    announce.show(
        NOTIFICATION,
        'moved',
        {},
        severity='warning' if missing else 'info',
        title=gettext_noop('Your mail has moved'),
        said=[moved, *(reason.said for reason in missing)],
        page='',
        app_name='translate:' + gettext_noop('Email'),
        app_icon_filename='email',
    )
