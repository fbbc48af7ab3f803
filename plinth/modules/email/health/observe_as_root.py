# SPDX-License-Identifier: AGPL-3.0-or-later
"""Look at the mail system from a program of root's, without the web interface."""

from django.conf import settings

from ..activity.overview import overview_data
from ..directory.departures import Missing
from ..directory.store import Store
from ..directory.verbs import reconcile
from ..errors import MailError
from ..system import systemd
from . import observe
from .observation import Observation


def missing() -> Missing:
    """Users who are missing; none while the directory does not answer."""
    try:
        with Store() as store:
            return reconcile.plan_for(reconcile.look(store)).waiting.missing
    except MailError:
        return Missing()


def look(missing_users: Missing) -> Observation:
    """An observation of the mail system."""
    if not settings.configured:
        settings.configure(USE_I18N=False, USE_TZ=True)
    return observe.look(systemd.starts_at_boot('postfix'), missing_users, overview_data)
