# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's notifications of this app, for administrators.

One is touched only when its news changed, so that a dismissed one stays dismissed. Each leads to
the page where its problem is solved: a domain's DNS page, a page of the guide, else the overview.
FreedomBox's own link takes no arguments, so the text is laid out by a template of ours. Sentences
are kept with their values, for each administrator reads them in their own language.
"""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_noop
from freedombox.notification import Notification

from ..sync.synchronize import APP_ID
from ..words.text import Sentence

SEE = Sentence(gettext_noop('Show problems'))
OVERVIEW = 'email:index'
_TEMPLATE = 'email-notice.html'


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
    said: Sequence[Sentence],
    severity: str = 'warning',
    link: Sentence = SEE,
    page: str = OVERVIEW,
    about: str = '',
    **data: str,
) -> None:
    """Notify of news, or take the notification back where there are none.

    `known` is what notifications say already; `link` leads to a page about something; `data` are
    the values in the title.
    """
    if known.get(id_, '') == news:
        return
    if not news:
        withdraw(id_)
        return
    shown_as = {'said': [each.to_json() for each in said], 'link': link.to_json()}
    Notification.update_or_create(
        id=id_,
        app_id=APP_ID,
        severity=severity,
        title=title,
        message=None,
        actions=[],
        body_template=_TEMPLATE,
        data={**data, **shown_as, 'page': page, 'about': about, 'news': news},
        group='admin',
        dismissed=False,
    )
