#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Give FreedomBox's built-in email app its place back, while this package is being removed.

Run by the package's prerm script, with FreedomBox's web service stopped, in this order:

hand-back disable   while our app is still the one FreedomBox loads, as the user plinth: stop the
                    mail services, close the firewall, take our drop-in files out of /etc.
hand-back restore   as root: put the daemons' own files back as they were before our changes, and
                    have slapd forget what it knows for our sake.
hand-back forget    when the built-in app is the one FreedomBox loads, as the user plinth: it
                    shall offer itself for installation, and nothing that FreedomBox has stored
                    may point to pages or icons of ours.

Without the first, links in /etc would point to files that are gone, and Apache and Dovecot
refuse to start with such links. Without the second, the daemons would read settings of ours
together with those of the built-in app. Without the third, the built-in app would take our
version number for its own and believe itself set up.

The mail services stay stopped until one of the two apps is set up: other servers then keep
mail for us and try again for days, while a server without settings would refuse it.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plinth.modules.email.system import files

APP_ID = 'email'
ALL_APP_IDS = (APP_ID, 'emailsetup')
FIRST_VERSION = 100  # of our app; the built-in one counts from 1 and is at 9


def start_freedombox() -> None:
    """Load what FreedomBox's database and apps need."""
    from freedombox import cfg, log, web_framework

    log.default_level = 'ERROR'
    cfg.read()
    web_framework.init()


def disable() -> None:
    """Switch our app off the way its page does."""
    from freedombox import app as app_module
    from freedombox import module_loader

    start_freedombox()
    module_loader.load_modules()
    app_module.apps_init()
    app = app_module.App.get(APP_ID)
    if app.get_setup_version() >= FIRST_VERSION:
        app.disable()


def restore() -> None:
    """Put every file back as it was before our first change, unless edited since our last."""
    from plinth.modules.email.transaction import history

    originals, damaged = history.first_originals()
    for error in damaged:
        print(f'{error.sentence} {error.detail}')
    for path, original in originals.items():
        put_back(path, original.ours, original.before)
    history.hand_over()
    forget_in_slapd()


def forget_in_slapd() -> None:
    """Take back what slapd was told for our sake, except for what keeps the addresses hidden."""
    from plinth.modules.email.directory import server
    from plinth.modules.email.errors import MailError

    try:
        server.take_back()
    except MailError as error:
        print(f'The configuration of slapd is unchanged: {error.sentence} {error.detail}')


def put_back(path: str, ours: str, original: 'files.File') -> None:
    """Put one file back; files that others have edited or removed stay as they are."""
    from plinth.modules.email.errors import MailError
    from plinth.modules.email.system import files

    try:
        if files.read(path).digest == ours:
            files.write(path, original)
        else:
            print(f'{path} was changed by someone else and is left unchanged.')
    except MailError as error:
        print(f'{path} is unchanged: {error.sentence} {error.detail}')


def forget() -> None:
    """Remove what FreedomBox has stored about our apps."""
    start_freedombox()
    from freedombox.models import Module, StoredNotification

    Module.objects.filter(name=APP_ID, setup_version__gte=FIRST_VERSION).update(setup_version=0)
    Module.objects.filter(name='emailsetup').delete()
    StoredNotification.objects.filter(app_id__in=ALL_APP_IDS).delete()


def main() -> None:
    """Run the step that is asked for."""
    {'disable': disable, 'restore': restore, 'forget': forget}[sys.argv[1]]()


if __name__ == '__main__':
    main()
