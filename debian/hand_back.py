#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Give FreedomBox's built-in e-mail app its place back, while this package is being removed.

Run by the package's prerm script as the user plinth, with FreedomBox's web service stopped:

hand-back disable   while our app is still the one FreedomBox loads: stop the mail services,
                    close the firewall, take our files out of /etc.
hand-back forget    when the built-in app is the one FreedomBox loads: it shall offer itself for
                    installation, and nothing stored may point to pages or icons of ours.

Without the first, links in /etc would point to files that are gone, and Apache and Dovecot
refuse to start with such links. Without the second, the built-in app would take our version
number for its own and believe itself set up.
"""

import sys

from freedombox import app as app_module
from freedombox import cfg, log, module_loader, web_framework

APP_ID = 'email'
ALL_APP_IDS = (APP_ID, 'emailsetup')
FIRST_VERSION = 100  # of our app; the built-in one counts from 1 and is at 9


def disable() -> None:
    """Switch our app off the way its page does."""
    module_loader.load_modules()
    app_module.apps_init()
    app = app_module.App.get(APP_ID)
    if app.get_setup_version() >= FIRST_VERSION:
        app.disable()


def forget() -> None:
    """Remove what FreedomBox has stored about our apps."""
    from freedombox.models import Module, StoredNotification

    Module.objects.filter(name=APP_ID, setup_version__gte=FIRST_VERSION).update(setup_version=0)
    Module.objects.filter(name='emailsetup').delete()
    StoredNotification.objects.filter(app_id__in=ALL_APP_IDS).delete()


def main() -> None:
    """Start as much of FreedomBox as the step needs, then run the step."""
    step = {'disable': disable, 'forget': forget}[sys.argv[1]]
    log.default_level = 'ERROR'
    cfg.read()
    web_framework.init()
    step()


if __name__ == '__main__':
    main()
