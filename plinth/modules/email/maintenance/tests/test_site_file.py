# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files of many entries, on their way to the directory."""

import subprocess
import sys
from pathlib import Path

import pytest

from ...errors import MailError
from .. import site_file


@pytest.mark.parametrize(
    'module', ['command.site', 'command.mailbox', 'command.status', 'privileged']
)
def test_no_writer_of_mailboxes_is_without_the_guard_of_kept_mail(module: str) -> None:
    """A process of its own, as the command is one: other tests have loaded all modules."""
    code = (
        f'import plinth.modules.email.{module}\n'
        'from plinth.modules.email.directory import acts\n'
        'print([each.__name__ for each in acts.guards])\n'
    )
    ran = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['guard']", ran.stderr


def test_a_file_of_another_form_is_refused() -> None:
    with pytest.raises(MailError) as caught:
        site_file.read('xml', '')
    assert caught.value.code == 'choice-invalid'


@pytest.mark.parametrize(('text', 'percent'), [('42', 42), ('', 0), ('much', 0), (None, 0)])
def test_the_progress_of_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, percent: int
) -> None:
    path = tmp_path / 'progress'
    monkeypatch.setattr(site_file, 'PROGRESS', path)
    if text is not None:
        path.write_text(text)
    assert site_file.progress() == percent
