# SPDX-License-Identifier: AGPL-3.0-or-later
"""Administrators take files out and in, and see before what a file would change."""

import contextlib
import csv
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, FilePayload, Page, expect

from lab import container, freedombox
from lab.host import wait_for
from lab.screenshot import RETRIES
from lab.settings import ADMIN, BOX, USERS, LabUser

from .looks import BIGGEST_PAGE, NARROW, WIDE, styled, usable
from .people import APP, MAIN, mail, resolved

PAGE = APP + 'aliases/transfer/'
CHECK, PROGRESS = PAGE + 'check/', PAGE + 'progress/'
ALICE, BOB = f'alice@{MAIN}', f'bob@{MAIN}'
SHOP = 'carried-shop.test'
MANY = 10_000
HEAD = 'address,destinations,note\n'
_FORGET = """
from plinth.modules.email.directory.alias import Alias
from plinth.modules.email.directory.store import Store
with Store() as store:
    found = store.search(Alias, 'carried-')
    if found:
        with store.transaction():
            for alias in found:
                store.remove(Alias, alias.address)
"""


def run(*words: str, check: bool = True) -> str:
    """Run a command as root in the box."""
    return container.execute(BOX, words, check=check).stdout


@pytest.fixture(autouse=True)
def fixture_clean() -> Iterator[None]:
    yield
    run('python3', '-c', _FORGET)
    mail('domain', 'remove', SHOP, '--force', check=False)


def address(name: str) -> str:
    """An address that is removed after the test."""
    return f'carried-{name}@{MAIN}'


def payload(text: str | bytes, name: str = 'aliases.csv') -> FilePayload:
    """A file as a browser takes it."""
    data = text.encode() if isinstance(text, str) else text
    return {'name': name, 'mimeType': 'text/csv', 'buffer': data}


def choose(page: Page, url: str, text: str | bytes, name: str = 'aliases.csv') -> None:
    """Choose a file and have shown what it would change."""
    page.goto(url + PAGE)
    page.set_input_files('#id_file', payload(text, name))
    page.get_by_role('button', name='Preview import').click()


def press_import(page: Page) -> None:
    """Import what is shown, and wait for the end."""
    page.get_by_role('button', name='Import', exact=True).click()
    page.wait_for_url(lambda now: not now.endswith(PROGRESS))
    styled(page)


def said(page: Page) -> str:
    """The messages of FreedomBox above the page."""
    return ' '.join(page.locator('.alert').all_inner_texts())


def noted(name: str) -> str:
    """The note of an alias."""
    found = json.loads(mail('alias', 'list', '--json'))['aliases']
    return str(next(each['note'] for each in found if each['address'] == address(name)))


def looks_right(page: Page) -> None:
    """See that a page is for all people and screens."""
    for width, height in (WIDE, NARROW):
        page.set_viewport_size({'width': width, 'height': height})
        usable(page)
    page.set_viewport_size({'width': WIDE[0], 'height': WIDE[1]})


@contextlib.contextmanager
def standing_still(page: Page, address: str) -> Iterator[None]:
    """A page that goes on by itself, kept as it is while it is looked at."""
    page.wait_for_url(address)
    page.route(address, lambda route: route.fulfill(status=204))
    yield
    page.unroute(address)


def test_a_file_is_shown_before_it_is_imported(admin: Page, url: str) -> None:
    mail('alias', 'add', address('old'), ALICE, '--note', 'before')
    text = f'{HEAD}{address("new")},{ALICE} {BOB},\n{address("old")},{BOB},after\n'
    choose(admin, url, text)
    expect(admin.locator('#email-headline')).to_have_text('1 to add, 1 to change')
    rows = admin.locator('.email-changes li')
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text(re.compile(f'{ALICE}, {BOB}'))
    expect(rows.nth(1)).to_contain_text(re.compile(r'before\s*→\D*after'))
    looks_right(admin)
    assert not resolved(address('new'))['accepted']
    press_import(admin)
    assert 'Imported: 1 added, 1 changed.' in said(admin)
    assert resolved(address('new'))['mailboxes'] == [ALICE, BOB]
    assert noted('old') == 'after'
    choose(admin, url, text)
    expect(admin.locator('#email-headline')).to_have_text('No changes')
    looks_right(admin)


def test_wrong_lines_are_named_and_nothing_is_imported(admin: Page, url: str) -> None:
    lines = [
        f'{address("good")},{ALICE},',
        f'{address("lost")},nobody@{MAIN},',
        f'b ad@{MAIN},{ALICE},',
        f'{address("good")},{BOB},',
        f'{address("more")},{BOB},x,y',
        f'{address("empty")},,',
    ]
    choose(admin, url, HEAD + '\n'.join(lines) + '\n')
    expect(admin.locator('#email-headline')).to_have_text('5 lines have errors')
    cells = admin.locator('.email-faults tbody td:first-child')
    assert cells.all_inner_texts() == ['3', '4', '5', '6', '7']
    expect(admin.locator('.email-faults tbody tr').first).to_contain_text('no address nobody@')
    expect(admin.get_by_role('button', name='Import', exact=True)).to_have_count(0)
    looks_right(admin)
    assert not resolved(address('good'))['accepted']


def test_thousands_of_wrong_lines_are_a_small_page(admin: Page, url: str) -> None:
    choose(admin, url, HEAD + ''.join(f'{"x" * 70}-{n}@{MAIN},{ALICE},\n' for n in range(MANY)))
    expect(admin.locator('#email-headline')).to_have_text(f'{MANY} lines have errors')
    expect(admin.get_by_text(f'And {MANY - 100} more lines.')).to_be_visible()
    assert len(admin.content().encode()) < BIGGEST_PAGE


@pytest.mark.parametrize(
    ('text', 'name', 'words'),
    [
        (b'\x89PNG\r\n\x1a\n\xff\xfe\x00', 'picture.csv', 'not UTF-8 text'),
        ('address,destinations'.encode('utf-16'), 'old.csv', 'not UTF-8 text'),
        (b'', 'empty.csv', 'file is empty'),
        (b'x' * 5_000_001, 'huge.csv', 'at most 5 MB'),
    ],
    ids=['picture', 'utf-16', 'empty', 'huge'],
)
def test_what_is_no_text_is_refused_at_once(
    admin: Page, url: str, text: bytes, name: str, words: str
) -> None:
    choose(admin, url, text, name)
    expect(admin.locator('#id_file')).to_have_attribute('aria-invalid', 'true')
    expect(admin.locator('#id_file_error')).to_contain_text(words)


@pytest.mark.parametrize(
    ('text', 'name', 'words'),
    [
        ('hello', 'aliases.csv', 'first line must name the columns'),
        (HEAD + '"never ended', 'aliases.csv', 'line 2 is unreadable'),
        ('- a\n- b\n', 'site.yaml', 'only contain these lists: domains'),
        ('aliases: [', 'site.yml', 'not a valid YAML file'),
        (HEAD + f'a@{MAIN},{ALICE},\n' * 25_001, 'aliases.csv', 'more than 25000 entries'),
    ],
    ids=['words', 'quote', 'list', 'broken', 'many'],
)
def test_what_is_no_table_is_a_sentence(
    admin: Page, url: str, text: str, name: str, words: str
) -> None:
    choose(admin, url, text, name)
    expect(admin.locator('#email-headline')).to_have_text("This file can't be read")
    expect(admin.locator('.email-answer')).to_contain_text(words)
    admin.get_by_role('link', name='Choose another file').click()
    expect(admin.locator('#id_file')).to_be_visible()


def test_without_a_file_one_is_asked_for(anew: Callable[[LabUser], Page], url: str) -> None:
    admin = anew(ADMIN)
    for path in (CHECK, PROGRESS):
        admin.goto(url + path)
        expect(admin).to_have_url(url + PAGE)
        assert 'Choose a file first.' in said(admin)


@pytest.mark.parametrize('between', [',', ';', '\t'])
def test_tables_of_all_spreadsheets_are_read(admin: Page, url: str, between: str) -> None:
    rows = [('address', 'destinations', 'note'), (address('new'), ALICE, 'Grüße, "viele"')]
    out = io.StringIO()
    csv.writer(out, delimiter=between, lineterminator='\r\n').writerows(rows)
    choose(admin, url, '\ufeff' + out.getvalue())
    expect(admin.locator('.email-changes li')).to_contain_text('Grüße, "viele"')
    press_import(admin)
    assert noted('new') == 'Grüße, "viele"'


def test_what_was_exported_changes_nothing(admin: Page, url: str, tmp_path: Path) -> None:
    notes = ('=1+1', '+49 30 123', '-', '@here', "'=quoted", 'a;=b', '<b>&amp;</b>', 'ünï, "x"')
    for number, note in enumerate(notes):
        mail('alias', 'add', address(f'note-{number}'), ALICE, f'--note={note}')
    mail('alias', 'add', address('more-*'), ALICE, BOB, '--sender', BOB, '--until', '2999-01-31')
    mail('alias', 'add', address('off'), '=strange@outside.test', '--off')
    for kind in ('CSV', 'YAML'):
        admin.goto(url + PAGE)
        with admin.expect_download() as download:
            admin.get_by_role('link', name=f'Download {kind}').click()
        path = tmp_path / download.value.suggested_filename
        assert re.fullmatch(r'(aliases|email)-\d{4}-\d\d-\d\d\.(csv|yaml)', path.name)
        download.value.save_as(path)
        assert address('note-0') in path.read_text('utf-8')
        choose(admin, url, path.read_bytes(), path.name)
        expect(admin.locator('#email-headline')).to_have_text('No changes')
    table = next(tmp_path.glob('*.csv')).read_text('utf-8-sig')
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell[:1] in '=+-@' and cell[:1]]


def test_html_in_a_file_is_text(admin: Page, url: str) -> None:
    evil = '<script>document.title = "owned"</script><img src=x>'
    text = f'{HEAD}{address("new")},{ALICE},{evil}\n{evil},{ALICE},\n'
    for lines, where in ((2, '.email-changes li'), (3, '.email-faults')):
        part = '\n'.join(text.splitlines()[:lines]) + '\n'
        choose(admin, url, part, f'{evil}.csv'.replace('/', '_'))
        expect(admin.locator(where)).to_be_visible()
        assert 'owned' not in admin.title()
        assert '<img src=x>' not in admin.content()
    expect(admin.locator('.email-faults')).to_contain_text('<img src=x>” is not an email address')


def test_a_change_of_another_person_in_between_is_seen_first(admin: Page, url: str) -> None:
    mail('alias', 'add', address('old'), ALICE, '--note', 'before')
    choose(admin, url, f'{HEAD}{address("new")},{BOB},\n{address("old")},{ALICE},mine\n')
    mail('alias', 'change', address('old'), '--note', 'theirs')
    press_import(admin)
    expect(admin).to_have_url(url + CHECK)
    assert 'Someone else made changes' in said(admin)
    expect(admin.locator('.email-changes')).to_contain_text('theirs')
    assert noted('old') == 'theirs'
    assert not resolved(address('new'))['accepted']
    press_import(admin)
    assert noted('old') == 'mine'


def test_a_mailbox_that_vanished_in_between_stops_all_of_it(admin: Page, url: str) -> None:
    mail('alias', 'add', address('target'), ALICE)
    choose(admin, url, f'{HEAD}{address("new")},{address("target")},\n{address("b")},{BOB},\n')
    expect(admin.locator('.email-changes li')).to_have_count(2)
    mail('alias', 'remove', address('target'))
    press_import(admin)
    assert 'Line 2: ' in said(admin)
    expect(admin.locator('.email-faults tbody td').first).to_have_text('2')
    assert not resolved(address('b'))['accepted']


def test_no_one_imports_the_file_of_another_person(
    anew: Callable[[LabUser], Page], admin: Page, url: str
) -> None:
    choose(admin, url, f'{HEAD}{address("new")},{ALICE},\n')
    mark = admin.locator('[name=version]').input_value()
    for who, status in ((ADMIN, 200), (USERS[0], 403)):
        other = anew(who)
        other.goto(f'{url}/freedombox/')
        token = other.locator('[name=csrfmiddlewaretoken]').first.input_value()
        form = {'csrfmiddlewaretoken': token, 'version': mark}
        for path in (CHECK, PROGRESS):
            answer = other.request.get(url + path, max_retries=RETRIES)
            assert answer.status == status
            assert address('new') not in answer.text()
        answer = other.request.post(
            url + CHECK, form=form, headers={'Referer': url + CHECK}, max_retries=RETRIES
        )
        assert answer.status == status
        for name in ('', 'aliases.csv', 'site.yaml'):
            assert other.request.get(url + PAGE + name, max_retries=RETRIES).status == status
    assert not resolved(address('new'))['accepted']


def test_a_request_from_another_site_does_nothing(admin: Page, url: str) -> None:
    choose(admin, url, f'{HEAD}{address("new")},{ALICE},\n')
    mark = admin.locator('[name=version]').input_value()
    for path, fields in ((CHECK, {'version': mark}), (PAGE, {'file': payload(HEAD)})):
        answer = admin.request.post(url + path, multipart=fields, max_retries=RETRIES)
        assert answer.status == 403
    assert not resolved(address('new'))['accepted']


def test_the_mark_of_another_plan_imports_nothing(admin: Page, url: str) -> None:
    choose(admin, url, f'{HEAD}{address("new")},{ALICE},\n')
    for mark in ('', 'x' * 64):
        admin.evaluate('mark => document.querySelector("[name=version]").value = mark', mark)
        press_import(admin)
        expect(admin).to_have_url(url + CHECK)
    assert not resolved(address('new'))['accepted']


def test_it_works_without_scripts(plain: Page, url: str) -> None:
    choose(plain, url, f'{HEAD}{address("new")},{ALICE},\n')
    press_import(plain)
    expect(plain.locator('.alert-success')).to_contain_text('Imported: 1 added.')
    assert resolved(address('new'))['mailboxes'] == [ALICE]


def test_it_works_with_the_keyboard_alone(admin: Page, url: str) -> None:
    admin.goto(url + APP + 'aliases/')
    admin.locator('summary', has_text='More').press('Enter')
    admin.get_by_role('link', name='Import and export').press('Enter')
    admin.set_input_files('#id_file', payload(f'{HEAD}{address("new")},{ALICE},\n'))
    admin.get_by_role('button', name='Preview import').press('Enter')
    admin.get_by_role('button', name='Import', exact=True).press('Enter')
    expect(admin).to_have_url(url + APP + 'aliases/')
    assert 'Imported: 1 added.' in said(admin)


def test_a_site_brings_domains_that_work(admin: Page, url: str) -> None:
    text = (
        f'domains:\n  - {{name: {SHOP}, catch_all: {ALICE}}}\n'
        f'aliases:\n  - {{address: desk@{SHOP}, destinations: {BOB}}}\n'
    )
    choose(admin, url, text, 'site.yaml')
    expect(admin.locator('#email-headline')).to_have_text('3 to add')
    press_import(admin)
    assert 'did not follow' not in said(admin)
    assert resolved(f'desk@{SHOP}')['mailboxes'] == [BOB]
    assert SHOP in run('find', '/var/lib/freedombox-email', '/var/lib/rspamd', '-name', f'*{SHOP}*')


def test_the_directory_is_silent(admin: Page, url: str) -> None:
    admin.goto(url + PAGE)
    with freedombox.without_directory(BOX):
        for name in ('aliases.csv', 'site.yaml'):
            answer = admin.request.get(url + PAGE + name, max_retries=RETRIES)
            assert answer.status == 503
            assert 'The user directory (LDAP)' in answer.text()
        choose(admin, url, f'{HEAD}{address("new")},{ALICE},\n')
        expect(admin.locator('[role=alert]')).to_contain_text('The user directory (LDAP)')
    admin.goto(url + CHECK)
    press_import(admin)
    assert resolved(address('new'))['accepted']


def test_after_a_restart_the_file_is_chosen_again(admin: Page, url: str) -> None:
    choose(admin, url, f'{HEAD}{address("new")},{ALICE},\n')
    run('systemctl', 'stop', 'plinth', 'freedombox-privileged')
    run('systemctl', 'start', 'plinth')
    wait_for(
        'the web interface',
        lambda: admin.request.get(url + PAGE, max_retries=RETRIES).status == 200,
        120,
    )
    admin.get_by_role('button', name='Import', exact=True).click()
    admin.wait_for_url(url + PAGE)
    assert 'Choose it again' in said(admin)
    assert not resolved(address('new'))['accepted']


@pytest.mark.parametrize('count', [5000, pytest.param(MANY, marks=pytest.mark.long)])
def test_a_long_list_is_imported_with_progress(admin: Page, url: str, count: int) -> None:
    far = ' '.join(f'somebody-with-a-long-name-{n}@department-{n}.outside.test' for n in range(4))
    note = 'made for a long list; see the shelf in the cellar'
    text = HEAD + ''.join(
        f'{address(f"{count}-{n}")},{far} {ALICE},{n}: {note}\n' for n in range(count)
    )
    began = time.monotonic()
    choose(admin, url, text)
    expect(admin.locator('#email-headline')).to_have_text(f'{count} to add')
    expect(admin.get_by_text(f'And {count - 25} more.')).to_be_visible()
    assert len(admin.content().encode()) < BIGGEST_PAGE
    shown = time.monotonic()
    admin.get_by_role('button', name='Import', exact=True).click()
    bars = admin.locator('progress')
    with standing_still(admin, url + PROGRESS):
        looks_right(admin)
    seen = set()
    while admin.url.endswith(PROGRESS):
        with contextlib.suppress(Error):  # the page goes on to the list meanwhile
            seen.update(bars.evaluate_all('bars => bars.map(bar => bar.value)'))
        admin.wait_for_timeout(200)
    ended = time.monotonic()
    print(f'{len(text)} bytes: {shown - began:.1f} s to show, {ended - shown:.1f} s to import')
    expect(admin.locator('.alert').first).to_contain_text(f'Imported: {count} added.')
    assert len(seen) > 1, 'no progress was shown'  # it stands still for most of a slow import
    assert ended - shown < 120  # a machine busy with other tests; 10 s on a quieter one
    expect(admin.locator('#email-count')).to_contain_text(
        re.compile(rf'1 to 25 of {str(count)[0]}\d{{{len(str(count)) - 1}}}')
    )
    assert resolved(address(f'{count}-{count - 1}'))['mailboxes'] == [ALICE]
