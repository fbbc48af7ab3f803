# SPDX-License-Identifier: AGPL-3.0-or-later
"""FreedomBox's apps for mail in the browser, as its list of apps knows them.

Neither is a part of this app, and each works with it as soon as it is installed.
"""

from dataclasses import dataclass
from enum import Enum

from freedombox.app import App
from freedombox.frontpage import Shortcut

ROUNDCUBE = 'roundcube'
SOGO = 'sogo'


class Presence(Enum):
    """Whether an app can be used."""

    ABSENT = 'absent'
    OFF = 'off'
    ON = 'on'


@dataclass(frozen=True)
class WebmailApp:
    """An app for mail in the browser: its page for administrators and where people use it."""

    app_id: str
    name: str
    url: str
    presence: Presence

    @property
    def page(self) -> str:
        """The name of its page, on which it is also installed."""
        return f'{self.app_id}:index'


def offered() -> list[WebmailApp]:
    """Apps an administrator sees: Roundcube to install, and SOGo where it is installed."""
    roundcube, sogo = _app(ROUNDCUBE), _app(SOGO)
    is_there = sogo is not None and sogo.presence is not Presence.ABSENT
    return [app for app in (roundcube, sogo if is_there else None) if app]


def usable(has_account: bool) -> list[WebmailApp]:
    """Apps a person can use now; SOGo knows FreedomBox's users alone."""
    apps = (_app(ROUNDCUBE), _app(SOGO) if has_account else None)
    return [app for app in apps if app and app.presence is Presence.ON]


def is_on(app_id: str) -> bool:
    """Whether people can use an app."""
    app = _app(app_id)
    return app is not None and app.presence is Presence.ON


def _app(app_id: str) -> WebmailApp | None:
    """An app of FreedomBox, None in a FreedomBox that was built without it.

    Its tile on the front page knows whether it is on. The app itself asks several programs, which
    takes longer than our page.
    """
    try:
        app = App.get(app_id)
    except KeyError:
        return None
    tile = next(app.get_components_of_type(Shortcut), None)
    if tile is None:
        return None
    return WebmailApp(app_id, app.info.name, tile.url, _presence(app, tile))


def _presence(app: App, tile: Shortcut) -> Presence:
    if app.needs_setup():
        return Presence.ABSENT
    return Presence.ON if tile.is_enabled() else Presence.OFF
