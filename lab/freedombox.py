# SPDX-License-Identifier: AGPL-3.0-or-later
"""An administrator's steps on FreedomBox's pages, taken over HTTP."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

from . import container, settings
from .host import LabError, wait_for
from .settings import LabUser, Machine
from .web import BoxPage, Browser

_SECRET = '/var/lib/plinth/firstboot-wizard-secret'  # noqa: S105 (a path)
_WIZARD = ('firstboot', 'wizard')


def url(machine: Machine) -> str:
    """The address of FreedomBox's web interface."""
    return f'https://{machine.ip}/freedombox/'


def wait_until_ready(machine: Machine, timeout: float = 600) -> None:
    """Wait until FreedomBox has set up its own apps and serves pages."""
    wait_for(f'FreedomBox on {machine.name}', lambda: _ready(machine), timeout)


def wait_until_updated(machine: Machine, timeout: float = 600) -> None:
    """Wait until FreedomBox knows our apps.

    It sets `emailsetup` up some moments after it began to serve pages, and takes no login
    meanwhile.
    """
    wait_for(f'emailsetup on {machine.name}', lambda: app_version(machine, 'emailsetup'), timeout)
    wait_until_ready(machine, timeout)


def _ready(machine: Machine) -> bool:
    try:
        page = Browser(f'https://{machine.ip}', timeout=10).get('/freedombox/')
    except OSError:
        return False
    # While it sets up its own apps, FreedomBox answers every page with a spinner.
    return page.status == 200 and 'firstboot-spinner' not in page.text


def complete_first_boot(
    machine: Machine, admin: LabUser, email_choice: str = 'never', domain: str = settings.DOMAINS[0]
) -> None:
    """Go through the first-boot wizard as the administrator would."""
    browser = Browser(f'https://{machine.ip}')
    page = browser.get('/freedombox/')
    for _ in range(12):
        if not any(word in page.url for word in _WIZARD) or page.url.endswith('/complete/'):
            return
        form = page.form()
        page = browser.submit(
            page, form, **_answers(machine, set(form.fields), admin, email_choice, domain)
        )
        if complaints(page):
            raise LabError(f'The wizard refused an answer at {page.url}: {complaints(page)}')
    raise LabError(f'The first-boot wizard does not end: {page.url}')


def _answers(
    machine: Machine, fields: set[str], admin: LabUser, choice: str, domain: str
) -> dict[str, str | list[str]]:
    if 'secret' in fields:
        secret = container.execute(machine, ['cat', _SECRET]).stdout.strip()
        return {'secret': secret}
    if 'username' in fields:
        return {
            'username': admin.username,
            'password1': admin.password,
            'password2': admin.password,
        }
    if 'primary_domain' in fields:
        return {'primary_domain': domain, 'choice': choice}
    return {}


def _login_page(browser: Browser) -> BoxPage | None:
    """The login page; while FreedomBox sets an essential app up, it has no form."""
    page = browser.get('/freedombox/accounts/login/')
    return page if 'name="username"' in page.text else None


def log_in(machine: Machine, user: LabUser = settings.ADMIN) -> Browser:
    """A browser logged in to FreedomBox."""
    browser = Browser(f'https://{machine.ip}')
    page = wait_for('the login page', lambda: _login_page(browser), 60, 0.5)
    page = browser.submit(page, page.form(has_field='username'), username=user.username,
                          password=user.password)  # fmt: skip
    if '/accounts/login' in page.url:
        raise LabError(f'FreedomBox refused the login of {user.username}.')
    return browser


def create_user(browser: Browser, user: LabUser, admin: LabUser = settings.ADMIN) -> None:
    """Create a FreedomBox user unless there is one of that name."""
    page = browser.get('/freedombox/sys/users/')
    if f'/sys/users/{user.username}/edit/' in page.text:
        return
    page = browser.get('/freedombox/sys/users/create/')
    page = browser.submit(
        page, page.form(has_field='username'), username=user.username, password1=user.password,
        password2=user.password, confirm_password=admin.password,
    )  # fmt: skip
    if complaints(page):
        raise LabError(f'FreedomBox refused the user {user.username}: {complaints(page)}')


def add_domain(browser: Browser, domain: str) -> None:
    """Add a domain to FreedomBox unless it has it."""
    if f'>{domain}<' in re.sub(r'\s+', '', browser.get('/freedombox/sys/names/').text):
        return
    page = browser.get('/freedombox/sys/names/domains/')
    form = page.form(has_field='domain-add-domain_name')
    page = browser.submit(page, form, **{'domain-add-domain_name': domain})
    if complaints(page):
        raise LabError(f'FreedomBox refused the domain {domain}: {complaints(page)}')


def complaints(page: BoxPage) -> list[str]:
    """The errors a form page shows."""
    found = re.findall(r'invalid-feedback[^>]*>(.*?)</', page.text, re.DOTALL)
    sign = r'(?:\s*<div class="me-2">.*?</div>)?'  # FreedomBox's picture beside the sentence
    found += re.findall(rf'alert-danger[^>]*>{sign}(.*?)</div>', page.text, re.DOTALL)
    words = [' '.join(unescape(re.sub(r'<[^>]+>', ' ', text)).split()) for text in found]
    return [word for word in words if word]


@contextmanager
def without_directory(machine: Machine) -> Iterator[None]:
    """Stop slapd for a while.

    Each of nslcd's workers keeps its broken connection and fails once more when slapd is back,
    which FreedomBox takes for a wrong password; so nslcd starts anew.
    """
    container.execute(machine, ['systemctl', 'stop', 'slapd'])
    try:
        yield
    finally:
        container.execute(machine, ['systemctl', 'start', 'slapd'])
        container.execute(machine, ['systemctl', 'restart', 'nslcd'])


def app_version(machine: Machine, app_id: str = 'email') -> int:
    """The version of an app that is set up, 0 when it is not."""
    script = (
        'import json, sqlite3\n'
        "base = sqlite3.connect('/var/lib/plinth/plinth.sqlite3')\n"
        "rows = base.execute('SELECT name, setup_version FROM freedombox_module').fetchall()\n"
        'print(json.dumps(dict(rows)))\n'
    )
    answer = container.execute(machine, ['python3', '-c', script]).stdout
    return int(json.loads(answer).get(app_id, 0))


def install_app(
    browser: Browser, machine: Machine, app_id: str = 'email', timeout: float = 600
) -> None:
    """Click Install on an app's page and wait until the installation has ended."""
    if app_version(machine, app_id):
        return
    path = f'/freedombox/apps/{app_id}/'
    page = browser.get(path)
    if not _is_busy(page):  # else the button was clicked before
        browser.submit(page, page.form(button='install'), install='Install')
    result = wait_for(
        f'the {app_id} app to be set up', lambda: _settled(browser, path), timeout, 0.5
    )
    # What went wrong is said once, on the first page after it.
    if result and not app_version(machine, app_id):
        raise LabError(f'Setting up the {app_id} app failed: {complaints(result) or result.url}')


def _is_busy(page: BoxPage) -> bool:
    """Whether an app's page shows an operation under way."""
    return 'class="app-operation"' in page.text


def _settled(browser: Browser, path: str) -> BoxPage | None:
    """The app's page once no operation is under way."""
    page = browser.get(path)
    return page if page.status == 200 and not _is_busy(page) else None
