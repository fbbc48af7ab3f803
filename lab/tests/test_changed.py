# SPDX-License-Identifier: AGPL-3.0-or-later
"""An edit leads to the tests that can notice it, over imports, names of files, and the table."""

import subprocess
from pathlib import Path

import pytest

from lab import changed, imports, package
from lab.settings import CHECKOUT

APP = 'plinth/modules/email'
TREE = {
    f'{APP}/__init__.py': 'def __getattr__(name):\n    from .app import EmailApp\n',
    f'{APP}/app.py': 'from . import views\n',
    f'{APP}/dns/__init__.py': '',
    f'{APP}/dns/spf.py': 'from ..directory import store\n',
    f'{APP}/dns/tests/test_spf.py': 'from ..spf import judge\n',
    f'{APP}/directory/__init__.py': '',
    f'{APP}/directory/store.py': 'import os\n',
    f'{APP}/directory/tests/test_store.py': 'from plinth.modules.email.directory import store\n',
    f'{APP}/command/main.py': (
        "import importlib\nVERBS = {'spf': 'spf'}\nimportlib.import_module('..dns.spf')\n"
    ),
    f'{APP}/command/tests/test_main.py': 'def test() -> None:\n    from .. import main\n',
    f'{APP}/views/__init__.py': "TEMPLATE = 'email-spf-page.html'\n",
    f'{APP}/templates/email-spf-page.html': '{% include "email-spf-row.html" %}',
    f'{APP}/templates/email-spf-row.html': '',
    f'{APP}/tests/test_app.py': "assert 'EmailApp'\n",
    'tests/conftest.py': 'from lab import container\n',
    'tests/static/test_words.py': '',
    'tests/in_box/test_directory.py': '',
    'tests/integration/mail.py': '',
    'tests/integration/test_dns_push.py': 'from . import mail\n',
    'tests/integration/test_size.py': '',
    'tests/browser/test_pages.py': '',
    'tests/browser/test_first_boot.py': '',
    'tests/packaging/test_package.py': '',
    'lab/container.py': '',
    'lab/tests/test_container.py': 'import lab.container\n',
    'debian/rules': '',
    'doc/dns.md': '',
    'pyproject.toml': '',
    'conftest.py': '',
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree laid out like this one."""
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def chosen(tree: Path, *changes: str) -> dict[str, str]:
    """The tests that are chosen, by short names, with the reasons."""
    choices = changed.choose(tree, [name for name in TREE if (tree / name).exists()], changes)
    return {each.path.removeprefix(f'{APP}/'): each.reason for each in choices}


def test_the_static_tests_always_run(tree: Path) -> None:
    assert chosen(tree) == {'tests/static': 'always'}
    assert chosen(tree, 'doc/dns.md') == {'tests/static': 'always'}


def test_the_imports_lead_to_a_test_and_the_way_is_the_reason(tree: Path) -> None:
    found = chosen(tree, f'{APP}/directory/store.py')
    assert found['directory/tests/test_store.py'] == f'needs {APP}/directory/store.py'
    way = f'needs {APP}/dns/spf.py, which needs {APP}/directory/store.py'
    assert found['dns/tests/test_spf.py'] == way
    assert 'tests/test_app.py' not in found


def test_a_module_imported_by_its_name_is_found(tree: Path) -> None:
    way = f'needs {APP}/command/main.py, which needs {APP}/dns/spf.py'
    assert chosen(tree, f'{APP}/dns/spf.py')['command/tests/test_main.py'] == way


def test_a_name_made_when_it_is_asked_for_concerns_who_asks(tree: Path) -> None:
    found = chosen(tree, f'{APP}/app.py')
    assert 'tests/test_app.py' in found
    assert 'dns/tests/test_spf.py' not in found


def test_a_deleted_module_concerns_who_imports_it(tree: Path) -> None:
    (tree / APP / 'dns/spf.py').unlink()
    assert 'dns/tests/test_spf.py' in chosen(tree, f'{APP}/dns/spf.py')


def test_a_package_that_is_edited_concerns_all_in_it(tree: Path) -> None:
    assert 'directory/tests/test_store.py' in chosen(tree, f'{APP}/directory/__init__.py')


def test_a_template_concerns_the_pages_and_what_shows_it(tree: Path) -> None:
    found = chosen(tree, f'{APP}/templates/email-spf-row.html')
    assert found['tests/test_app.py'].endswith('templates/email-spf-row.html')
    assert 'tests/browser/test_pages.py' in found
    assert 'tests/browser/test_first_boot.py' not in found, 'it takes minutes'


def test_the_table_leads_to_tests_on_a_box(tree: Path) -> None:
    found = chosen(tree, f'{APP}/dns/spf.py')
    reason = f'is about dns, where {APP}/dns/spf.py is'
    assert found['tests/integration/test_dns_push.py'] == reason
    assert 'tests/integration/test_size.py' not in found
    assert chosen(tree, 'debian/rules').keys() == {
        'tests/packaging/test_package.py',
        'tests/static',
    }


def test_what_the_table_does_not_know_concerns_all_tests_on_a_box(tree: Path) -> None:
    found = chosen(tree, f'{APP}/newroom/thing.py')
    on_a_box = {name for name in TREE if name.startswith('tests/') and changed.is_test(name)}
    assert on_a_box - {'tests/static/test_words.py'} <= found.keys()


def test_an_edited_test_runs_and_a_helper_takes_its_users_along(tree: Path) -> None:
    assert chosen(tree, 'tests/integration/test_size.py').keys() == {
        'tests/integration/test_size.py',
        'tests/static',
    }
    assert 'tests/integration/test_dns_push.py' in chosen(tree, 'tests/integration/mail.py')


@pytest.mark.parametrize('settings', ['pyproject.toml', 'conftest.py'])
def test_settings_of_pytest_concern_all(tree: Path, settings: str) -> None:
    names = {name.removeprefix(f'{APP}/') for name in TREE if changed.is_test(name)}
    assert chosen(tree, settings).keys() == names - {'tests/static/test_words.py'} | {
        'tests/static'
    }


def test_the_lab_concerns_its_own_tests_and_those_whose_settings_need_it(tree: Path) -> None:
    found = chosen(tree, 'lab/container.py')
    assert 'lab/tests/test_container.py' in found
    assert 'tests/integration/test_size.py' in found
    assert 'dns/tests/test_spf.py' not in found


def git(tree: Path, *words: str) -> None:
    identity = ['-c', 'user.name=x', '-c', 'user.email=x@x.test']
    subprocess.run(['git', '-C', tree, *identity, *words], check=True, capture_output=True)


def test_edited_files_are_those_since_the_branch_left_main(tree: Path) -> None:
    git(tree, 'init', '-q', '--initial-branch=main')
    git(tree, 'add', '.')
    git(tree, 'commit', '-qm', 'all')
    assert changed.edited(tree) == []
    (tree / 'debian/rules').unlink()
    (tree / 'new file').touch()
    assert changed.edited(tree) == ['debian/rules', 'new file']
    git(tree, 'switch', '-qc', 'branch')
    git(tree, 'add', '.')
    git(tree, 'commit', '-qm', 'on the branch')
    (tree / 'doc/dns.md').write_text('edited')
    assert changed.edited(tree) == ['debian/rules', 'doc/dns.md', 'new file']
    assert changed.edited(tree, 'HEAD') == ['doc/dns.md']


FILES = package.files()
PATTERNS = sorted({
    pattern for table in (changed.ROOMS, changed.FOLDERS) for tests in table.values()
    for pattern in tests
})  # fmt: skip


@pytest.mark.parametrize('pattern', PATTERNS)
def test_a_pattern_of_the_table_means_tests_that_are_there(pattern: str) -> None:
    assert [name for name in FILES if changed.is_test(name) and changed.fits(name, pattern)]


def test_the_table_names_rooms_and_folders_that_are_there() -> None:
    rooms = {path.stem for path in (CHECKOUT / changed.APP).iterdir()}
    assert changed.ROOMS.keys() - rooms == set()
    for folder in changed.FOLDERS:
        assert list(CHECKOUT.glob(folder)), folder


def test_every_unit_test_is_found_by_the_code_beside_it() -> None:
    needs = imports.uses(CHECKOUT, FILES)
    tests = [name for name in FILES if name.startswith(changed.APP) and changed.is_test(name)]
    assert len(tests) > 100
    lonely = [
        name for name in tests
        if not any(need.startswith(changed.APP) and '/tests/' not in need for need in needs[name])
    ]  # fmt: skip
    assert lonely == []
