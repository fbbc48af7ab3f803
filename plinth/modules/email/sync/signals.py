# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hear of changes to FreedomBox's names and users, and follow them a little later.

The work runs as FreedomBox's operations, which go one after the other: so it never meets an
installation, a removal or another run of itself.
"""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_noop
from freedombox import operation as operation_module
from freedombox.modules import names
from freedombox.modules.names.components import DomainName

from .. import privileged
from ..clients.webmail import Completion
from ..errors import MailError
from . import synchronize
from .pending import Pending, note_regular, vanished

QUIET_SECONDS = 5.0
"""Wait this long for more changes, and for FreedomBox to finish making a new user."""

LOOK_SECONDS = 120
"""Look this often for users changed by a command, or more slowly than a person could wait for."""

logger = logging.getLogger(__name__)

_pending = Pending()
_completion = Completion()
_IMPORT = 'email-import'
_CERTIFICATE = 'email-certificate'
_COMPONENT = 'email-component'
_ROUNDCUBE = 'roundcube'
_REGULAR_TYPE = 'domain-type-static'


def _regular() -> set[str]:
    """The domains entered in FreedomBox, whose list is whole once it has started."""
    listed = {
        each.name.lower()
        for each in DomainName.list()
        if each.domain_type.component_id == _REGULAR_TYPE
    }
    return listed | {name.lower() for name in names.domains_list()}


def _follow() -> None:
    """Follow everything heard so far."""
    heard = _pending.take()
    if heard is None:
        synchronize.follow_users()
        return
    try:
        synchronize.apply(heard.removed, heard.people)
    except BaseException:
        _pending.failed()
        raise
    _pending.done()
    note_regular(_regular())
    check_new_domains()


def check_new_domains() -> None:
    """Check the DNS records of domains that were never checked, in the background."""
    from . import first_check  # loads what asks DNS

    first_check.start()


def _if_installed(work: Callable[[], None]) -> None:
    """Do the work of an operation; the app may have been removed while it waited."""
    if synchronize.is_set_up():
        work()


def _start(operation_id: str, name: str, work: Callable[[], None], show: bool) -> bool:
    """Start an operation; False when the one of this name has not ended yet."""
    try:
        operation_module.manager.new(
            operation_id, synchronize.APP_ID, name, _if_installed, [work], show_message=show
        )
    except KeyError:
        return False
    return True


def start_repair(person: str) -> None:
    """Repair in the background; one that is under way already will do."""
    work = partial(synchronize.repair, {person})
    _start('email-repair', gettext_noop('Repairing email'), work, True)


def start_release(person: str) -> None:
    """Let the app decide again about undone settings, in the background."""
    work = partial(synchronize.release, {person})
    _start('email-release', gettext_noop('Restoring settings'), work, True)


def complete_webmail() -> None:
    """Install Roundcube's filters page in the background, if Roundcube is there without it."""
    if _completion.is_due():
        work = privileged.webmail_complete
        _start('email-webmail', gettext_noop('Adding filters to Roundcube'), work, False)


def start_import(work: Callable[[], None]) -> bool:
    """Import a file in the background; False while another import has not ended."""
    return _start(_IMPORT, gettext_noop('Importing addresses'), work, False)


def is_importing() -> bool:
    """Whether an import runs or waits for its turn."""
    return _is_running(_IMPORT)


def start_obtaining(work: Callable[[], None]) -> bool:
    """Obtain a certificate in the background; False while another attempt has not ended."""
    return _start(_CERTIFICATE, gettext_noop('Getting a certificate'), work, False)


def is_obtaining() -> bool:
    """Whether a certificate is being obtained, or waits for its turn."""
    return _is_running(_CERTIFICATE)


def start_component(work: Callable[[], None]) -> bool:
    """Install or remove an optional part in the background; False while one has not ended."""
    return _start(_COMPONENT, gettext_noop('Changing components'), work, False)


def is_changing_component() -> bool:
    """Whether an optional part is being installed or removed, or waits for its turn."""
    return _is_running(_COMPONENT)


def _is_running(operation_id: str) -> bool:
    found = operation_module.manager.filter(synchronize.APP_ID)
    return any(each.op_id == operation_id for each in found)


def start_switch(on: bool) -> None:
    """Turn email on or off in the background, after our own work that is under way.

    To stop or start all services can take a minute. And while any operation of an app is under
    way, FreedomBox answers every request for the app's page with the operation's progress: what
    the request asks for is lost unless it is an operation itself.
    """
    name = gettext_noop('Turning email on') if on else gettext_noop('Turning email off')
    _start(f'email-{"on" if on else "off"}', name, partial(synchronize.switch, on), True)


def _start_following() -> None:
    """Follow, or line up behind the run that may have begun too early to see all."""
    for operation_id in ('email-update', 'email-update-again'):
        if _start(operation_id, gettext_noop('Updating email'), _follow, False):
            return


def request() -> None:
    """Follow soon, once for all changes of the next seconds."""
    if not _pending.all_loaded or not synchronize.is_set_up():
        return
    with _pending.lock:
        if _pending.timer is not None:
            _pending.timer.cancel()
        _pending.timer = threading.Timer(QUIET_SECONDS, _start_following)
        _pending.timer.daemon = True
        _pending.timer.start()


def request_all(person: str = '') -> None:
    """Follow names as well as users soon; `person` caused it, if that is known."""
    _pending.hear(people={person} - {''})
    request()


def guarded(handler: Callable[..., None]) -> Callable[..., None]:
    """Keep a failure of ours from the change of a name or a user that was heard."""

    def guard(sender: Any, **arguments: Any) -> None:
        try:
            handler(**arguments)
        except Exception:
            logger.exception('Cannot follow a change made by %s', sender)

    return guard


@guarded
def on_domain_added(name: str = '', **_arguments: Any) -> None:
    """Handle a new name of this box."""
    _pending.hear(back={name.lower()})
    request()


@guarded
def on_domain_removed(name: str = '', **_arguments: Any) -> None:
    """Handle a name that was taken away; without a name, all of an app's names were."""
    gone = {name.lower()} if name else set(synchronize.known_domains()[0])
    _pending.hear(removed=gone - {left.lower() for left in DomainName.list_names()})
    request()


@guarded
def on_user_changed(update_fields: Collection[str] | None = None, **_arguments: Any) -> None:
    """Handle a user who was added, changed or deleted, but not one who just logged in."""
    if update_fields is None or set(update_fields) != {'last_login'}:
        request()


@guarded
def on_app_set_up(module_name: str = '', **_arguments: Any) -> None:
    """Handle an app of FreedomBox's that was installed just now."""
    if module_name == _ROUNDCUBE and synchronize.is_set_up():
        _completion.begin_anew()
        complete_webmail()


def look_at_users(_data: None = None) -> None:
    """Follow changes of users that no signal told of, and earlier ones that failed."""
    try:
        if not _pending.all_loaded or not synchronize.is_set_up():
            return
        if _pending.waiting is not None or synchronize.users_changed():
            request()
        complete_webmail()
    except MailError as error:
        logger.info('Cannot look for changed users: %s', error)


@guarded
def on_all_loaded(**_arguments: Any) -> None:
    """Catch up with changes since the last run, now that all names are in."""
    listed = [name.lower() for name in DomainName.list_names()]
    _pending.recall(listed)
    if not synchronize.is_set_up():
        return
    gone = vanished(_regular()).difference(listed)
    if gone or _is_behind(listed):
        _pending.hear(removed=gone)
    else:
        note_regular(_regular())
    request()


def _is_behind(listed: Sequence[str]) -> bool:
    """Whether mail lacks a name of FreedomBox, or does not say."""
    try:
        known, _primary = synchronize.known_domains()
        hosts = synchronize.client_hosts()
    except MailError as error:
        logger.info('Cannot look at the mail domains: %s', error)
        return True
    return set(synchronize.wanted_domains(listed, known, (), hosts)) != set(known)
