# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the web interface does about what others see of our domains, once a minute.

FreedomBox's notifications are made from the reports that checks leave behind, here because
the web interface alone can. A notification is touched only when something changed, so that
one somebody dismissed stays dismissed until there is news. A certificate that waits until
others know its key is shown when they do. The address others see is taken over from dynamic
DNS, which is found out there anyway.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop
from freedombox.modules import dynamicdns
from freedombox.notification import Notification

from . import upkeep, waiting
from .dns import here
from .dns.compare import is_private
from .dns.memory import Memory
from .dns.report import Report, stops_mail, todo
from .errors import MailError

SECONDS = 60
_PREFIX = 'email-records-'
logger = logging.getLogger(__name__)


def id_of(domain: str) -> str:
    """Return the name of the notification about a domain.

    It becomes part of an address that takes no dots: with one, no page of FreedomBox's web
    interface could be shown as long as the notification lasts.
    """
    return _PREFIX + domain.replace('.', '=')


def summary(report: Report) -> str:
    """Return what needs somebody, as text that changes when that does."""
    return ' '.join(f'{role}:{report.verdicts[role].code}' for role in sorted(todo(report)))


def show(report: Report, shown: Mapping[str, str]) -> None:
    """Notify of a domain, or take the notification back; `shown` is what was said before."""
    id_, news = id_of(report.domain), summary(report)
    if shown.get(id_, '') == news:
        return
    if not news:
        Notification.get(id_).delete()
        return
    Notification.update_or_create(
        id=id_,
        app_id=upkeep.APP_ID,
        severity='error' if stops_mail(report) else 'warning',
        title=gettext_noop('Mail of {domain}'),
        message=gettext_noop('Others do not see all of it as they should.'),
        actions=[
            {
                'type': 'link',
                'class': 'primary',
                'text': gettext_noop('See what'),
                'url': 'email:index',
            },
            {'type': 'dismiss'},
        ],
        data={'domain': report.domain, 'news': news},
        group='admin',
        dismissed=False,
    )


def known_addresses(status: Mapping[str, Any]) -> tuple[str, ...]:
    """Return where others see this box, as FreedomBox's dynamic DNS found out last."""
    found = [
        str(address)
        for domain in status['domains'].values()
        if domain['result']
        for address in domain['ip_addresses']
    ]
    return tuple(dict.fromkeys(each for each in found if not is_private(each)))


def _follow_addresses() -> None:
    """Remember where others see this box if FreedomBox knows it anyway."""
    memory, known = Memory(), known_addresses(dynamicdns.get_status())
    if known and known != memory.addresses():
        memory.keep_addresses(known)


def follow() -> None:
    """Bring the notifications in step with the latest reports."""
    if not upkeep.is_set_up():
        return
    _follow_addresses()
    known = Notification.objects.filter(id__startswith=_PREFIX)
    shown = {each.id: str(each.data.get('news', '')) for each in known}
    try:
        names, primary = here.domains()
    except MailError as error:
        logger.warning('Cannot look for reports on records: %s', error)
        return
    for gone in shown.keys() - set(map(id_of, names)):
        Notification.get(gone).delete()
    for report in filter(None, map(Memory().latest, names)):
        show(report, shown)
    if primary:
        waiting.release(primary)
