# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keep mail in step with FreedomBox's names and users.

Signals only say that something changed; what then happens never depends on which one it
was: the whole wanted state is worked out again from FreedomBox's names. The work runs as an
operation, so it never meets an installation or another run of itself.
"""

import logging
import threading
from typing import Any

from django.utils.translation import gettext_noop
from freedombox import app as app_module
from freedombox import operation as operation_module
from freedombox.modules.names.components import DomainName

from . import privileged
from .domains import mail_domains

APP_ID = 'email'
CERTIFICATE_COMPONENTS = ('letsencrypt-email-postfix', 'letsencrypt-email-dovecot')
QUIET_SECONDS = 5.0
"""Wait this long for more changes, and for FreedomBox to finish making a new user."""

logger = logging.getLogger(__name__)
_lock = threading.Lock()
_timer: threading.Timer | None = None


def progress(message: str) -> None:
    """Show how far the running operation is; without one there is nobody to show it to."""
    try:
        operation = operation_module.Operation.get_operation()
    except AttributeError:
        return
    operation.on_update(message)


def chosen_domain() -> str | None:
    """Return the domain chosen at the first start of this box, if any."""
    from freedombox import kvstore  # needs the database, which root's service has not

    chosen: str | None = kvstore.get_default('emailsetup_domain', None)
    return chosen or None


def apply() -> None:
    """Make directory, certificates and daemons what FreedomBox's names and users ask for."""
    names = mail_domains(DomainName.list_names())
    progress(gettext_noop('Preparing the mail directory'))
    privileged.directory_setup()
    privileged.sync_domains(names, chosen_domain())
    progress(gettext_noop('Giving every user a mailbox'))
    privileged.reconcile()
    progress(gettext_noop('Installing certificates'))
    app = app_module.App.get(APP_ID)
    for component_id in CERTIFICATE_COMPONENTS:
        app.get_component(component_id).setup_certificates(names)
    progress(gettext_noop('Configuring the mail services'))
    privileged.setup()


def take_over() -> None:
    """Clear away what the app that comes with FreedomBox has left in force."""
    progress(gettext_noop('Taking over from the earlier mail app'))
    privileged.built_in_remove()


def _apply_if_installed() -> None:
    """Do the work of an operation; the app may have been removed while it waited."""
    if not app_module.App.get(APP_ID).needs_setup():
        apply()


def start(operation_id: str = 'email-update', show: bool = False) -> bool:
    """Start the work as an operation; False when one like it has not ended yet."""
    try:
        operation_module.manager.new(
            operation_id,
            APP_ID,
            gettext_noop('Updating e-mail'),
            _apply_if_installed,
            show_message=show,
            show_notification=False,
        )
    except KeyError:
        return False
    return True


def _start_now() -> None:
    """Start the work, or line up behind the run that may have begun too early to see all."""
    if not start('email-update'):
        start('email-update-again')


def request() -> None:
    """Have the work done soon, once for all changes of the next seconds."""
    global _timer  # noqa: PLW0603 - one per process, that is its purpose
    if app_module.App.get(APP_ID).needs_setup():
        return
    with _lock:
        if _timer is not None:
            _timer.cancel()
        _timer = threading.Timer(QUIET_SECONDS, _start_now)
        _timer.daemon = True
        _timer.start()


def on_change(sender: Any, **_arguments: Any) -> None:
    """Handle a change of FreedomBox's names or users."""
    try:
        request()
    except Exception:
        # A name or user is FreedomBox's to change, whatever state mail is in.
        logger.exception('Cannot follow a change made by %s', sender)
