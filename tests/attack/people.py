# SPDX-License-Identifier: AGPL-3.0-or-later
"""A user without any right, who may do what FreedomBox's own pages let all users do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab import freedombox
from lab.host import wait_for
from lab.settings import ADMIN, DOMAINS, LabUser
from lab.web import BoxPage, Browser, Form
from tests.conftest import Host

CALL = 'freedombox-email'
MAIN = DOMAINS[0]
MALLORY = LabUser('mallory', 'mallory-lab-password', MAIN)
APP = '/freedombox/apps/email/'
_USERS = '/freedombox/sys/users/'


def told(box: Host, *words: str) -> Any:
    """The output of the command as data."""
    return json.loads(box.run(CALL, *words, '--json', check=words[0] != 'status'))


def names(box: Host) -> set[str]:
    """The names of all users."""
    found = box.run('ldapsearch', '-x', '-LLL', '-b', 'ou=users,dc=thisbox', 'uid')
    return {line.removeprefix('uid: ') for line in found.splitlines() if line.startswith('uid: ')}


def rename(box: Host, browser: Browser, old: str, new: str, password: str) -> None:
    """Give a user another name by FreedomBox's form, and follow it at once."""
    page = browser.get(f'{_USERS}{old}/edit/')
    page = browser.submit(page, page.form('username'), username=new, confirm_password=password)
    # It may complain of SSH keys, which are set before the new name is known to the system.
    assert new in names(box), f'{old} is not {new} yet: {freedombox.complaints(page)}'
    box.run(CALL, 'reconcile')


def delete(box: Host, name: str) -> None:
    """Delete a user by FreedomBox's form, as the administrator."""
    browser = box.browser()
    page = browser.get(f'{_USERS}{name}/edit/')
    answer = browser.submit(
        page, page.form('username'), delete='on', confirm_password=ADMIN.password
    )
    assert not freedombox.complaints(answer), freedombox.complaints(answer)
    wait_for(f'the user {name} to be gone', lambda: name not in names(box), 30, 0.5)


def forget(box: Host, *users: str) -> None:
    """Remove users a killed run left, with mailboxes, mail and aliases of theirs."""
    for name in names(box) & set(users):
        delete(box, name)
    box.run(CALL, 'reconcile')
    for name in users:
        for kind in ('alias', 'mailbox'):
            box.run(CALL, kind, 'remove', '--force', f'{name}@{MAIN}', check=False)
        box.run(CALL, 'mailbox', 'delete-mail', f'{name}@{MAIN}', check=False)


@contextmanager
def user(box: Host, who: LabUser, *later: str) -> Iterator[Browser]:
    """Have a user without rights, who may have one of the names `later` in the end."""
    forget(box, who.username, *later)
    freedombox.create_user(box.browser(), who)
    box.run(CALL, 'reconcile')
    try:
        yield box.browser(who)
    finally:
        forget(box, who.username, *later)


def force(browser: Browser, path: str, **fields: str) -> BoxPage:
    """Send a form no page showed, with the token of one that was shown."""
    page = browser.get('/freedombox/help/')
    token = next(cookie.value for cookie in browser.jar if cookie.name == 'csrftoken')
    form = Form(APP + path, {'csrfmiddlewaretoken': [str(token)]})
    return browser.submit(page, form, **fields)
