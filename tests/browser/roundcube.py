# SPDX-License-Identifier: AGPL-3.0-or-later
"""The clicks of users in Roundcube, done in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, Page, expect

from lab import freedombox
from lab.host import wait_for
from lab.settings import BOX, LabUser

from ..conftest import Host

APP = '/freedombox/apps/roundcube/'
FILTERS = '/usr/share/roundcube/plugins/managesieve/managesieve.php'
_SECONDS = 300
_SENT_OR_REFUSED = """() => !location.search.includes('_action=compose')
  || document.querySelector('#messagestack .error, #messagestack .warning')"""


def install(box: Host) -> None:
    """Click Install on the app's page, and wait until Roundcube has all it needs."""
    freedombox.install_app(box.browser(), BOX, 'roundcube')
    wait_for('the filters of Roundcube', lambda: box.succeeds('test', '-e', FILTERS), _SECONDS, 1)


class Webmail:
    """Roundcube in the browser of a user who is logged in.

    `elsewhere` has the addresses on other hosts from which anything was loaded so far.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.elsewhere: list[str] = []
        page.context.on('request', lambda request: self._note(request.url))

    def _note(self, address: str) -> None:
        if urlsplit(address).hostname not in {None, urlsplit(self.url).hostname}:
            self.elsewhere.append(address)

    def go(self, query: str) -> None:
        """Open one of Roundcube's pages."""
        self.page.goto(f'{self.url}/roundcube/?{query}')

    def _begin(self, more: str = '') -> None:
        """Open the form for a message.

        Each request stores the whole session: a list of messages still on its way can undo that a
        message was begun, and then an error is shown.
        """

        def is_there() -> bool:
            self.go(f'_task=mail&_action=compose{more}')
            return self.page.locator('#composebody').count() > 0

        wait_for('the form for a message', is_there, 60)

    def senders(self) -> list[str]:
        """The senders a new message can have, as shown, the usual one first."""
        self._begin()
        return self.page.locator('#_from option').all_inner_texts()

    def opened(self, folder: str, subject: str) -> bool:
        """Open a folder of the list of folders, and tell whether a message is there."""
        self.go('_task=mail')
        link = self.page.locator(f'#mailboxlist a[href*="_mbox={quote(folder, safe="")}"]')
        if link.count() == 0:
            return False
        self.go(f'_task=mail&_mbox={quote(folder)}')
        message = self.page.locator('#messagelist a', has_text=subject).first
        message.wait_for(state='visible', timeout=20_000)
        return True

    def compose(self, recipient: str, subject: str, sender: str = '') -> None:
        """Begin a message, as one of the senders."""
        self._begin(f'&_to={quote(recipient)}')
        if sender:
            option = self.page.locator('#_from option', has_text=sender).first
            self.page.locator('#_from').select_option(option.get_attribute('value'))
        self.page.locator('#compose-subject').fill(subject)
        self.page.locator('#composebody').fill('Written in the browser.')

    def attach(self, path: Path) -> None:
        """Attach a file to the message."""
        self.page.locator('input[type=file]').first.set_input_files(path)
        done = self.page.locator('#attachment-list li:not(.uploading)', has_text=path.name)
        expect(done).to_be_visible(timeout=120_000)

    def send(self) -> None:
        """Send the message; Roundcube leaves the page when it was taken, and else says why not."""
        refusal = self.try_to_send()
        assert not refusal, refusal

    def try_to_send(self) -> str:
        """Send the message; the reason why it was not taken, if it was not."""
        self.page.locator('.send:visible').first.click()
        self.page.wait_for_function(_SENT_OR_REFUSED, timeout=120_000)
        if '_action=compose' not in self.page.url:
            return ''
        return self.page.locator('#messagestack').inner_text()

    def answer(self, subject: str) -> None:
        """Answer a message in the inbox."""
        self.go('_task=mail&_mbox=INBOX')
        self.page.locator('#messagelist a', has_text=subject).first.dblclick()
        self.page.locator('.reply:visible:not(.disabled)').first.click()
        expect(self.page.locator('#compose-subject')).to_have_value(f'Re: {subject}')

    def sign(self, sender: str, signature: str) -> None:
        """Give the identity of a sender a signature, and make it the usual one."""
        self.go('_task=settings&_action=identities')
        self.page.locator('#identities-table tr', has_text=sender).first.click()
        form = self.page.frame_locator('iframe').first
        form.locator('[name=_signature]').fill(signature)
        form.locator('label.custom-control-label').first.click()
        form.locator('button.submit').click()
        expect(self.page.locator('#messagestack')).to_contain_text('Successfully saved')

    def read(self, subject: str) -> None:
        """Open a message in the inbox as people do, and wait until all of it was loaded."""
        self.go('_task=mail&_mbox=INBOX')
        self.page.locator('#messagelist a', has_text=subject).first.dblclick()
        self.page.locator('#messagebody').wait_for()
        self.page.wait_for_load_state('networkidle')

    def add_contact(self, card: Path) -> None:
        """Import a contact from a file, in place of all others."""
        self.go('_task=addressbook')
        self.page.locator('a.import:visible').first.click()
        dialog = self.page.frame_locator('.ui-dialog iframe')
        dialog.locator('input[type=file]').set_input_files(card)
        dialog.locator('label.custom-control-label').click()
        self.page.locator('.ui-dialog button.mainaction').click()
        expect(dialog.locator('body')).to_contain_text('Successfully imported 1 contacts')

    def open_contact(self, name: str) -> None:
        """Open a contact, and wait until all of it was loaded."""
        self.go('_task=addressbook')
        self.page.locator('#contacts-table tr', has_text=name).first.click()
        self.page.frame_locator('#contact-frame').locator('#contacthead').wait_for()
        self.page.wait_for_load_state('networkidle')

    def allow_pictures(self) -> None:
        """Have the pictures in the opened message loaded."""
        self.page.locator('#remote-objects-message a').first.click()
        self.page.wait_for_load_state('networkidle')

    def change_password(self) -> None:
        """Click through to where the password is changed, from the settings."""
        self.go('_task=settings')
        self.page.locator('#settings-menu li.password a').click()
        self.page.get_by_role('link', name='Change password').click()

    def filters(self, script: str) -> str:
        """The names of the filters in a script."""
        self.go('_task=settings&_action=plugin.managesieve')
        self.page.locator('#filterset-name').click()  # the list of scripts is folded
        self.page.locator('#filtersetslist tr', has_text=script).first.click()
        filters = self.page.locator('#filterslist')
        expect(filters.locator('tr').first).to_be_visible()
        return filters.inner_text()

    def sort(self, subject: str, folder: str) -> None:
        """Make a filter for messages with a subject."""
        self.go('_task=settings&_action=plugin.managesieve')
        self.page.locator('.create:visible').first.click()
        form = self.page.frame_locator('iframe').first
        form.locator('[name=_name]').fill('Browser test')
        form.locator('input[name="_rule_target[0][]"]').fill(subject)
        form.locator('[name="_action_mailbox[0]"]').select_option(folder)
        form.locator('button.submit').click()
        expect(self.page.locator('#filterslist')).to_contain_text('Browser test')


def log_in(page: Page, url: str, login: str, password: str) -> Webmail:
    """Fill Roundcube's login form; whether that opens anything is seen afterwards."""
    page.goto(f'{url}/roundcube/')
    page.locator('#rcmloginuser').fill(login)
    page.locator('#rcmloginpwd').fill(password)
    page.locator('#rcmloginsubmit').click()
    return Webmail(page, url)


@contextmanager
def session(browser: Browser, url: str, user: LabUser, login: str = '') -> Iterator[Webmail]:
    """A visitor at Roundcube, who just came."""
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    try:
        webmail = log_in(page, url, login or user.username, user.password)
        page.locator('#messagelist').wait_for(state='attached')  # hidden while it is empty
        yield webmail
    finally:
        context.close()
