# SPDX-License-Identifier: AGPL-3.0-or-later
"""The administrator's answer at the first start, and its work.

The answer is kept in FreedomBox's database and looked at again and again until it is done,
so a restart or a failed download in between only delays the installation.
"""

import enum
import logging
import threading
import time

from django.utils.translation import gettext_noop
from freedombox import app as app_module
from freedombox import kvstore, operation, setup
from freedombox.modules import first_boot, names
from freedombox.modules.names.components import DomainName
from freedombox.notification import Notification
from freedombox.signals import domain_added

EMAIL_APP = 'email'
ANSWER_KEY = 'emailsetup_answer'
DOMAIN_KEY = 'emailsetup_domain'
TRIES_KEY = 'emailsetup_tries'
MOST_TRIES = 5
PAUSE_SECONDS = 15 * 60
REMINDER_ID = 'emailsetup-reminder'

logger = logging.getLogger(__name__)
_lock = threading.Lock()
_tried_at: float | None = None
_update_started = False


class SetupTime(enum.Enum):
    """When to set email up."""

    NOW = 'now'
    LATER = 'later'
    NEVER = 'never'


def remember(answer: SetupTime, domain: str) -> None:
    """Keep the answer and carry it out right away."""
    kvstore.set(ANSWER_KEY, answer.value)
    kvstore.set(DOMAIN_KEY, domain)
    kvstore.set(TRIES_KEY, 0)
    if answer is SetupTime.NOW:
        add_domain(domain)
    elif answer is SetupTime.LATER:
        remind(gettext_noop('You chose to set up email later. You can do it now.'))


def add_domain(domain: str) -> None:
    """Make a domain one of the names of this box, as the Names app does."""
    if domain in DomainName.list_names():
        return
    names.domain_add(domain)
    domain_added.send_robust(
        sender='names', domain_type='domain-type-static', name=domain, services='__all__'
    )


def remind(message: str) -> None:
    """Show a notification that leads to the email app."""
    Notification.update_or_create(
        id=REMINDER_ID,
        app_id=EMAIL_APP,
        severity='info',
        title=gettext_noop('Set up email'),
        message=message,
        actions=[
            {
                'type': 'link',
                'class': 'primary',
                'text': gettext_noop('Set up email'),
                'url': 'email:index',
            },
            {'type': 'dismiss'},
        ],
        data={
            'app_name': 'translate:' + gettext_noop('Email'),
            'app_icon_filename': 'email',
        },
        group='admin',
        dismissed=False,
    )


def _box_is_ready() -> bool:
    """Whether FreedomBox has time for an installation."""
    return bool(first_boot.is_completed()) and not setup.is_first_setup_running


def _may_try() -> bool:
    """Whether the last failed try of this process is long enough ago."""
    return _tried_at is None or time.monotonic() - _tried_at >= PAUSE_SECONDS


def _is_busy() -> bool:
    """Whether something is being done to the email app already."""
    running = operation.manager.filter(EMAIL_APP)
    return any(one.state is not operation.Operation.State.COMPLETED for one in running)


def _finish() -> None:
    """Forget the plan once email is installed; the domain stays known to the email app."""
    kvstore.delete(ANSWER_KEY, ignore_missing=True)
    kvstore.delete(TRIES_KEY, ignore_missing=True)


def _give_up() -> None:
    """Leave the rest to the administrator."""
    kvstore.set(ANSWER_KEY, SetupTime.LATER.value)
    remind(gettext_noop('Email could not be installed. Try again on its page.'))


def _try() -> None:
    """Start the installation."""
    global _tried_at  # noqa: PLW0603 - a new process may try again at once
    tries: int = kvstore.get_default(TRIES_KEY, 0)
    if tries >= MOST_TRIES:
        _give_up()
        return
    kvstore.set(TRIES_KEY, tries + 1)
    _tried_at = time.monotonic()
    logger.info('Installing email, as asked for at the first start (try %s)', tries + 1)
    setup.run_setup_on_app(EMAIL_APP)


def _update() -> None:
    """Start the update of an email app that is older than its code, once per process.

    FreedomBox does that at each start except the first one after an essential app was added:
    just the one after which this code finds the built-in email app's version.
    """
    global _update_started  # noqa: PLW0603 - one per process, that is its purpose
    if not _update_started:
        _update_started = True
        setup.run_setup_on_app(EMAIL_APP)


def carry_on() -> None:
    """Start the work that is asked for, possible and not under way."""
    with _lock:
        state = app_module.App.get(EMAIL_APP).get_setup_state()
        if state is app_module.App.SetupState.NEEDS_UPDATE:
            if _box_is_ready() and not _is_busy():
                _update()
            return
        if kvstore.get_default(ANSWER_KEY, None) != SetupTime.NOW.value:
            return
        if state is app_module.App.SetupState.UP_TO_DATE:
            _finish()
        elif _box_is_ready() and not _is_busy() and _may_try():
            _try()
