# SPDX-License-Identifier: AGPL-3.0-or-later
"""People without an account here change the password of their mailbox, and no one guesses it."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from lab import container
from lab.host import wait_for
from lab.screenshot import RETRIES
from lab.settings import BOX

from .looks import usable
from .people import APP, MAIN, forget_mailbox, forget_tries, mail

SAVE = 'form.email-form input[type=submit]'
CLUB = f'page-password@{MAIN}'
OLD, NEW = 'harbour lamp forty', 'quiet meadow under glass'
OF_OUR_OWN = 'in a network of this box'
"""How the journal names the browser's household; fail2ban blocks others only."""
STARTING = 7  # seconds after which it has begun with everything


@pytest.fixture(scope='module', autouse=True)
def fixture_patience() -> None:
    """Let these tests guess as often as they may, whatever others did."""
    forget_tries()


@pytest.fixture(autouse=True)
def fixture_club() -> Iterator[None]:
    forget_mailbox(CLUB)
    mail('mailbox', 'add', CLUB, stdin=f'{OLD}\n')
    yield
    forget_mailbox(CLUB)


@pytest.fixture
def all_tries() -> None:
    """Let a test have all the wrong tries there are."""
    forget_tries()


def opens(password: str) -> bool:
    """Whether a password opens the mailbox for mail programs."""
    done = container.execute(BOX, ['doveadm', 'auth', 'test', CLUB, password], check=False)
    return done.returncode == 0


def change(page: Page, url: str, address: str, old: str, new: str = NEW, again: str = NEW) -> None:
    """Fill and send the page."""
    page.goto(url + APP + 'password/')
    page.fill('#id_address', address)
    page.fill('#id_old_password', old)
    page.fill('#id_password', new)
    page.fill('#id_again', again)
    page.click(SAVE)


def secret() -> str:
    """Make a secret for a new link to the mailbox."""
    return mail('mailbox', 'reset-link', CLUB).split()[0].partition('#')[2]


def test_the_command_prints_the_whole_link() -> None:
    lines = mail('mailbox', 'reset-link', CLUB).splitlines()
    assert re.fullmatch(f'https://{MAIN}{APP}password/link/#[A-Za-z0-9_-]{{43}}', lines[0])
    made = json.loads(mail('mailbox', 'reset-link', CLUB, '--json'))['reset']
    assert made['link'] == lines[0].partition('#')[0] + '#' + made['secret']


def follow(page: Page, url: str, code: str) -> None:
    """Open a link, which goes on by itself."""
    page.goto('about:blank')
    page.goto(f'{url}{APP}password/link/#{code}', wait_until='commit')
    page.wait_for_load_state()


def test_a_password_is_changed(visitor: Page, url: str) -> None:
    assert opens(OLD)
    change(visitor, url, CLUB.upper(), OLD)
    expect(visitor.locator('[role=status]').first).to_contain_text('Changed the password.')
    assert opens(NEW)
    assert not opens(OLD)


@pytest.mark.parametrize(
    ('new', 'again', 'field', 'words'),
    [
        (NEW, NEW + 'x', '#id_again', "don't match"),
        ('password123', 'password123', '#id_password', 'common'),
        ('8675309421', '8675309421', '#id_password', 'numeric'),
    ],
)
def test_a_poor_password_is_refused(
    visitor: Page, url: str, new: str, again: str, field: str, words: str
) -> None:
    change(visitor, url, CLUB, OLD, new, again)
    expect(visitor.locator(f'{field}_error')).to_contain_text(words)
    assert opens(OLD)


def test_strength_is_shown_while_typing(visitor: Page, url: str) -> None:
    visitor.goto(url + APP + 'password/')
    for password, word in (('short', 'too short'), ('aaaaaaaa', 'weak'), (NEW, 'strong')):
        visitor.fill('#id_password', password)
        expect(visitor.locator('.email-strength')).to_contain_text(word)


def answer(page: Page, url: str, address: str) -> str:
    """The sentence of the page about a wrong password."""
    change(page, url, address, 'a wrong password')
    return page.locator('#content-block').inner_text()


def seconds(page: Page, url: str, address: str) -> float:
    """How long the box takes to answer a wrong password."""
    where = url + APP + 'password/'
    page.goto(where)
    fields = {'address': address, 'old_password': 'a wrong password', 'password': NEW, 'again': NEW}
    token = page.locator('[name=csrfmiddlewaretoken]').first.input_value()
    started = time.monotonic()
    said = page.request.post(
        where,
        form={**fields, 'csrfmiddlewaretoken': token},
        headers={'Referer': where},
        max_retries=RETRIES,
    )
    ended = time.monotonic()
    assert 'Wrong address or password' in said.text()
    return ended - started


@pytest.mark.usefixtures('all_tries')
def test_no_one_learns_whether_an_address_exists(visitor: Page, url: str) -> None:
    said = {address: answer(visitor, url, address) for address in (CLUB, f'no-one@{MAIN}')}
    assert len(set(said.values())) == 1
    assert 'Wrong address or password' in said[CLUB]


def processor_seconds() -> float:
    """How much processor time the web interface has used since it started."""
    words = ['systemctl', 'show', 'plinth', '--value', '--property', 'CPUUsageNSec']
    return int(container.execute(BOX, words).stdout) / 1e9


def wait_until_at_rest() -> None:
    """Wait until the web interface has done what it does in the seconds after a start."""
    seen: list[float] = []

    def rests() -> bool:
        seen.append(processor_seconds())
        return len(seen) > STARTING and seen[-1] - seen[-1 - STARTING] < 0.05 * STARTING

    wait_for('the web interface to rest', rests, 120, 1.0)


@pytest.mark.usefixtures('all_tries')
def test_the_page_takes_as_long_for_addresses_that_do_not_exist(visitor: Page, url: str) -> None:
    wait_until_at_rest()
    times: dict[str, list[float]] = {CLUB: [], f'no-one@{MAIN}': []}
    for _round in range(2):
        for address, seen in times.items():
            seen.append(seconds(visitor, url, address))
    here, nowhere = map(min, times.values())  # the rest of the machine only makes it longer
    assert 0.5 < here / nowhere < 2


@pytest.mark.usefixtures('all_tries')
def test_the_sixth_wrong_try_has_to_wait(visitor: Page, url: str) -> None:
    start = container.execute(BOX, ['date', '+%s']).stdout.strip()
    for _try in range(5):
        change(visitor, url, CLUB, 'a wrong password')
        expect(visitor.locator('#id_old_password_error')).to_be_visible()
    change(visitor, url, CLUB, OLD)
    expect(visitor.locator('[role=alert]')).to_contain_text(re.compile('Wait (9|10) minutes'))
    assert opens(OLD)
    lines = container.execute(
        BOX, ['journalctl', '-u', 'plinth', '--since', f'@{start}', '--no-pager', '--output', 'cat']
    ).stdout.splitlines()
    wrong = [line for line in lines if 'page for mail passwords from' in line]
    assert len(wrong) == 6
    assert not any(CLUB in line or OLD in line for line in wrong)
    assert all(line.endswith(OF_OUR_OWN) for line in wrong)


def logs(since: str) -> str:
    """All that Apache and the journal have written since a moment."""
    journal = container.execute(BOX, ['journalctl', '--since', f'@{since}', '--output', 'cat'])
    apache = container.execute(BOX, ['sh', '-c', 'cat /var/log/apache2/*.log'])
    return journal.stdout + apache.stdout


@pytest.mark.usefixtures('all_tries')
def test_a_link_works_once_and_stands_in_no_log(visitor: Page, url: str) -> None:
    start, code = container.execute(BOX, ['date', '+%s']).stdout.strip(), secret()
    for _look in range(2):
        follow(visitor, url, code)
        expect(visitor.get_by_text(CLUB)).to_be_visible()
        assert code not in visitor.url
        assert code not in visitor.content()
    assert code not in logs(start), 'who reads logs could choose the password'
    visitor.fill('#id_password', 'page-password 2026')
    visitor.fill('#id_again', 'page-password 2026')
    visitor.click(SAVE)
    expect(visitor.locator('#id_password_error')).to_contain_text('similar to the address')
    visitor.fill('#id_password', NEW)
    visitor.fill('#id_again', NEW)
    visitor.click(SAVE)
    expect(visitor.locator('[role=status]').first).to_contain_text('Changed the password.')
    assert opens(NEW)
    follow(visitor, url, code)
    expect(visitor.locator('[role=alert]')).to_contain_text('expired or was already used')


def test_a_link_works_without_scripts(browser: Browser, url: str) -> None:
    context = browser.new_context(java_script_enabled=False, ignore_https_errors=True)
    page = context.new_page()
    answer = page.goto(url + APP + 'password/new/')
    assert answer is not None
    assert answer.status == 200, page.content()
    page.fill('#id_code', secret())
    page.click(SAVE)
    expect(page.get_by_text(CLUB)).to_be_visible()
    context.close()


def post(page: Page, url: str, old: str, new: str) -> int:
    """Send the page without a browser's checks and return the status."""
    where = url + APP + 'password/'
    page.goto(where)
    token = page.locator('[name=csrfmiddlewaretoken]').first.input_value()
    fields = {'address': CLUB, 'old_password': old, 'password': new, 'again': new}
    said = page.request.post(
        where,
        form={**fields, 'csrfmiddlewaretoken': token},
        headers={'Referer': where},
        max_retries=RETRIES,
    )
    return said.status


@pytest.mark.usefixtures('all_tries')
@pytest.mark.parametrize(
    'new',
    [f'{NEW}\x01', *(pytest.param(each, marks=pytest.mark.long)
                     for each in (CLUB, 'page-password', 'short'))],
)  # fmt: skip
def test_no_new_password_gives_more_tries(visitor: Page, url: str, new: str) -> None:
    for number in range(5):
        assert post(visitor, url, f'wrong {number}', NEW) == 200
        assert post(visitor, url, f'wrong {number}', new) in (200, 429)
    assert post(visitor, url, OLD, NEW) == 429
    assert opens(OLD)


@pytest.mark.usefixtures('all_tries')
def test_the_password_of_a_user_is_not_changed_here(visitor: Page, url: str) -> None:
    change(visitor, url, f'alice@{MAIN}', 'alice-lab-password')
    expect(visitor.locator('#id_old_password_error')).to_contain_text('Wrong address or password')


def test_the_pages_fit_and_can_be_used_by_all(visitor: Page, url: str) -> None:
    for width in (1200, 360):
        visitor.set_viewport_size({'width': width, 'height': 740})
        for path in ('password/', 'password/link/', 'password/done/'):
            visitor.goto(url + APP + path)
            usable(visitor)
        for code in (secret(), 'not-a-link'):
            follow(visitor, url, code)
            expect(visitor.locator('[role=alert], #id_again').first).to_be_visible()
            usable(visitor)
