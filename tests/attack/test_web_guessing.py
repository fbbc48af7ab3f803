# SPDX-License-Identifier: AGPL-3.0-or-later
"""Strangers who guess on web pages, or look for the console of the spam filter, are shut out."""

import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlencode

import pytest

from lab import settings
from lab.host import wait_for
from tests.conftest import Host
from tests.integration import mail

from .households import BOX_SIX, FOURS, HOME, SIX, SIXES, VICTIM, banned, elsewhere

PAGES = '/freedombox/apps/email/'
REFUSED = 'refused|reset'
MOST = {'passwords': 15, 'console': 10}
TYPIST, FINDER, SEEKER = FOURS[16:19]
WRONG = {'address': f'nobody@{settings.DOMAINS[0]}', 'old_password': 'a wrong password',
         'password': 'quiet meadow under glass', 'again': 'quiet meadow under glass'}  # fmt: skip


class WebVisit:
    """A stranger's browser: one address, its cookies, and the token of a form."""

    def __init__(self, source: str, ip: str = settings.BOX.ip) -> None:
        self._source, self._ip = source, ip
        self._cookies: dict[str, str] = {}

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """Get a page, or send a form; OSError when the box does not talk."""
        connection = http.client.HTTPSConnection(
            self._ip, 443, timeout=20, context=mail.tls(), source_address=(self._source, 0)
        )
        host = f'[{self._ip}]' if ':' in self._ip else self._ip
        headers |= {
            'Cookie': '; '.join(f'{name}={value}' for name, value in self._cookies.items()),
            'Referer': f'https://{host}{path}',
            'Host': host,
        }
        body = None
        if form is not None:
            headers['Content-Type'] = 'application/x-www-form-urlencoded'
            body = urlencode(form)
        try:
            connection.request('GET' if form is None else 'POST', path, body, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all('Set-Cookie') or ():
                name, _equals, value = line.partition(';')[0].partition('=')
                self._cookies[name] = value
            return answer.status, answer.read().decode()
        except http.client.HTTPException as error:
            raise ConnectionError('the answer broke off') from error
        finally:
            connection.close()

    def is_refused(self) -> bool:
        """Whether the firewall refuses connections; fail2ban lists a ban before it does."""
        try:
            self.ask(f'{PAGES}password/')
        except OSError as error:
            return bool(re.search(REFUSED, str(error)))
        return False

    def form(self, page: str, **values: str) -> dict[str, str]:
        """The form of a page, filled in."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.ask(page)[1])
        assert found, 'a form'
        return {'csrfmiddlewaretoken': found[1], **values}


@pytest.fixture(scope='module', autouse=True)
def fixture_elsewhere(box: Host) -> Iterator[None]:
    with elsewhere(box):
        yield


def guess_a_password(visit: WebVisit) -> Callable[[], object]:
    """The function that tries a password on the page for mail passwords."""
    form = visit.form(f'{PAGES}password/', **WRONG)
    return lambda: visit.ask(f'{PAGES}password/', form)


def guess_a_link(visit: WebVisit) -> Callable[[], object]:
    """The function that tries the secret of a password link."""
    page = f'{PAGES}password/link/'
    form = visit.form(page, code='c2VjcmV0IHNlY3JldCBzZWNyZXQ')
    return lambda: visit.ask(page, form)


def look_for_the_console(visit: WebVisit) -> Callable[[], object]:
    """The function that asks for the console."""
    return lambda: visit.ask('/rspamd/stat', Password='guess')


def teach_the_console(visit: WebVisit) -> Callable[[], object]:
    """The function that has the console learn a message."""
    return lambda: visit.ask('/rspamd/learnham', {'message': 'buy'}, Password='guess')


@pytest.mark.parametrize(
    ('jail', 'act', 'source'),
    [
        ('passwords', guess_a_password, TYPIST),
        ('passwords', guess_a_link, FINDER),
        ('console', look_for_the_console, SEEKER),
    ],
)
def test_a_stranger_is_banned_and_unbanned(
    box: Host, jail: str, act: Callable[[WebVisit], Callable[[], object]], source: str
) -> None:
    visit = WebVisit(source)
    attempt = act(visit)
    for _number in range(MOST[jail] - 1):
        attempt()
    assert source not in banned(box, jail), 'one try less than are too many'
    with suppress(OSError):
        attempt()
    wait_for('the ban', lambda: source in banned(box, jail), 30)
    wait_for('the firewall', visit.is_refused, 10)
    assert WebVisit(FOURS[20]).ask(f'{PAGES}password/')[0] == 200, 'others are shut out'
    box.run('freedombox-email', 'bans', 'remove', source)
    assert visit.ask(f'{PAGES}password/')[0] == 200


@pytest.mark.parametrize(
    ('jail', 'act'),
    [
        ('passwords', guess_a_password),
        pytest.param('passwords', guess_a_link, marks=pytest.mark.long),
        pytest.param('console', look_for_the_console, marks=pytest.mark.long),
        ('console', teach_the_console),
    ],
)
def test_a_network_of_ipv6_is_one(
    box: Host, jail: str, act: Callable[[WebVisit], Callable[[], object]]
) -> None:
    attempts = [act(WebVisit(source, BOX_SIX)) for source in SIXES[:4]]
    for number in range(MOST[jail]):
        with suppress(OSError):
            attempts[number % 4]()
    wait_for('the ban', lambda: f'{SIX}::/64' in banned(box, jail), 30)
    wait_for('the firewall', WebVisit(SIXES[4], BOX_SIX).is_refused, 10)
    box.run('freedombox-email', 'bans', 'remove', SIXES[0])
    assert WebVisit(SIXES[4], BOX_SIX).ask(f'{PAGES}password/')[0] == 200


def test_there_is_no_console(box: Host) -> None:
    for path in ('/rspamd', '/rspamd/', '/rspamd/stat', '/rspamd/errors?x=1'):
        status, text = WebVisit(FOURS[19]).ask(path)
        assert (status, 'no web console' in text) == (404, True), path
    assert WebVisit(FOURS[19]).ask('/rspamdx')[1].count('console') == 0
    open_ports = box.run('ss', '--listening', '--tcp', '--no-header', '--numeric')
    assert not re.search(r':1133[234]\s', open_ports)


def test_our_own_networks_and_a_forged_sender_are_let_alone(box: Host) -> None:
    """The header could name another household, if Apache passed it on."""
    visit = WebVisit(HOME)
    for _number in range(MOST['console'] + 1):
        assert visit.ask('/rspamd/', **{'X-Forwarded-For': VICTIM})[0] == 404
    seeker = WebVisit(FOURS[21])
    for _number in range(MOST['console']):
        with suppress(OSError):
            seeker.ask('/rspamd/', **{'X-Forwarded-For': VICTIM})
    wait_for('the ban of the right one', lambda: FOURS[21] in banned(box, 'console'), 30)
    assert not {HOME, VICTIM} & set(banned(box, 'console'))
