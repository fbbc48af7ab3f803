# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's notifications of this app, for administrators.

One is touched only when its news changed, so that a dismissed one stays dismissed.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_noop
from freedombox.notification import Notification

from .upkeep import APP_ID

SEE = gettext_noop('Show problems')


def shown(prefix: str) -> dict[str, str]:
    """News of the notifications there are, by their names."""
    found = Notification.objects.filter(id__startswith=prefix)
    return {each.id: str(each.data.get('news', '')) for each in found}


def withdraw(id_: str) -> None:
    """Take a notification back."""
    Notification.get(id_).delete()


def show(
    id_: str,
    news: str,
    known: Mapping[str, str],
    *,
    title: str,
    message: str,
    severity: str = 'warning',
    link: str = SEE,
    **data: str,
) -> None:
    """Notify of news, or take the notification back where there are none.

    `known` is what notifications say already.
    """
    if known.get(id_, '') == news:
        return
    if not news:
        withdraw(id_)
        return
    action = {'type': 'link', 'class': 'primary', 'text': link, 'url': 'email:index'}
    Notification.update_or_create(
        id=id_,
        app_id=APP_ID,
        severity=severity,
        title=title,
        message=message,
        actions=[action, {'type': 'dismiss'}],
        data={**data, 'news': news},
        group='admin',
        dismissed=False,
    )
