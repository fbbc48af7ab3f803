# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bring mail in step with FreedomBox's names and users.

Whatever happened, the whole wanted state is worked out again. One thing needs to be told:
which names were taken away. A name that is only missing from FreedomBox's list, because the
app that provides it has not started yet or could not, is kept: mail to it must not bounce.
"""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_noop
from freedombox import app as app_module
from freedombox.daemon import Daemon
from freedombox.modules.names.components import DomainName
from freedombox.privileged import service as service_privileged

from .. import privileged
from ..directory.box_names import is_public, mail_domains
from ..directory.departures import Missing
from ..directory.domain import Domain
from ..directory.store import Store
from ..directory.verbs.reconcile import is_due, look, plan_for
from ..directory.verbs.snapshot import Reconciled
from ..freedombox_seams import show_progress
from ..system import systemd
from ..words import notices as words
from ..words.parts import PARTS

APP_ID = 'email'

COMMON_REDIS = 'redis-server'

CERTIFICATE_COMPONENTS = ('letsencrypt-email-postfix', 'letsencrypt-email-dovecot')


def is_set_up() -> bool:
    """Whether this app is set up, not merely the built-in one it takes over from."""
    state = app_module.App.get(APP_ID).get_setup_state()
    return bool(state is app_module.App.SetupState.UP_TO_DATE)


def chosen_domain() -> str | None:
    """The domain chosen at the first start of this box, if any."""
    from freedombox import kvstore  # needs the database, which root's service has not

    chosen: str | None = kvstore.get_default('emailsetup_domain', None)
    return chosen or None


def client_hosts() -> frozenset[str]:
    """The names mail apps connect to, which are in domains and no mail domains themselves."""
    with Store() as store:
        return frozenset(domain.client_host for domain in store.search(Domain)) - {''}


def known_domains() -> tuple[list[str], str]:
    """The domains mail follows FreedomBox in, and the primary one."""
    with Store() as store:
        followed = [
            domain.name
            for domain in store.search(Domain, where={'origin': 'freedombox'})
            if not domain.gone
        ]
        return followed, store.settings().primary_domain


def wanted_domains(
    names: Sequence[str],
    known: Sequence[str],
    removed: Collection[str],
    hosts: Collection[str] = (),
) -> list[str]:
    """The mail domains there should be, most important first.

    `hosts` are names for mail apps; one that was a mail domain before stays one.
    """
    listed = [name for name in mail_domains(names) if name in known or name not in hosts]
    return [*listed, *(name for name in known if name not in listed and name not in removed)]


def _public_instead(primary: str, wanted: Sequence[str]) -> str | None:
    """The domain to take the place of a primary one that is local."""
    public = next(filter(is_public, wanted), None)
    return public if primary and not is_public(primary) else None


def follow_names(removed: Collection[str], primary: str | None = None) -> list[str]:
    """Bring the directory in step with FreedomBox's names; return the mail domains.

    `primary` is the one to begin with if it is among them and none was chosen before.
    """
    show_progress(gettext_noop('Preparing the mail directory'))
    privileged.directory_setup()
    known, present = known_domains()
    wanted = wanted_domains(DomainName.list_names(), known, removed, client_hosts())
    privileged.sync_domains(wanted, primary if primary in wanted else chosen_domain())
    if better := _public_instead(present, wanted):
        privileged.domain_set_primary(better)
    return wanted


_missing: Missing | None = None


def missing_users() -> Missing | None:
    """Users who were found missing at the last look, some minutes ago; None before the first."""
    return _missing


def _remember(missing: Missing) -> None:
    """Keep who is missing for the overview, which must not take the time to look."""
    global _missing  # noqa: PLW0603 - one per process, that is its purpose
    _missing = missing


def users_changed() -> bool:
    """Whether the mail directory is not in line with FreedomBox's users."""
    with Store() as store:
        plan = plan_for(look(store))
        due = is_due(store, plan)
    _remember(plan.waiting.missing)
    return due


def follow_users() -> None:
    """Give every user a mailbox."""
    show_progress(gettext_noop('Creating mailboxes'))
    _remember(Reconciled.from_json(privileged.reconcile()).waiting)


def users_are_gone(mark: str) -> None:
    """Believe that the users are gone an administrator saw."""
    _remember(Reconciled.from_json(privileged.users_are_gone(mark)).waiting)


def install_certificates(wanted: Sequence[str]) -> None:
    """Copy certificates to where the daemons read them."""
    show_progress(gettext_noop('Installing certificates'))
    app = app_module.App.get(APP_ID)
    for component_id in CERTIFICATE_COMPONENTS:
        app.get_component(component_id).setup_certificates(wanted)


def apply(removed: Collection[str] = (), people: Collection[str] = ()) -> None:
    """Bring directory, certificates and daemons in step with FreedomBox's names and users.

    `people` are the users who caused it, as far as that is known.
    """
    wanted = follow_names(removed)
    follow_users()
    hosts = client_hosts().intersection(DomainName.list_names()).difference(wanted)
    install_certificates([*wanted, *sorted(hosts)])
    show_progress(gettext_noop('Configuring the mail services'))
    privileged.setup(sorted(people))


def release(people: Collection[str]) -> None:
    """Let the app decide again about settings that were kept since they were undone."""
    privileged.settings_release(sorted(people))


def leave_common_redis(forget: bool, stop: bool) -> None:
    """Leave the Redis of all apps to those that use it; see `filtering.learned`."""
    others = (app for app in app_module.App.list() if app.app_id != APP_ID)
    needed = any(
        daemon.unit == COMMON_REDIS and app.is_enabled()
        for app in others
        for daemon in app.get_components_of_type(Daemon)
    )
    privileged.learned_leave(forget, stop and not needed)


def switch(on: bool) -> None:
    """Turn email on or off, unless it is so already."""
    app = app_module.App.get(APP_ID)
    if app.is_enabled() != on:
        if on:
            app.enable()
        else:
            app.disable()
    show_progress(words.ON if on else words.OFF)


def repair(people: Collection[str] = ()) -> None:
    """Start stopped services, then put everything in order again."""
    for unit, runs in systemd.running(part.unit for part in PARTS).items():
        if not runs:
            show_progress(gettext_noop('Starting the mail services'))
            service_privileged.start(unit)
    apply(people=people)
    show_progress(gettext_noop('Repair finished.'))
