# SPDX-License-Identifier: AGPL-3.0-or-later
"""doveadm's failures become the errors of the folder it was asked about."""

from typing import Any

import pytest

from ...directory.mailbox import Mailbox
from ...errors import MailError
from ...system import programs
from ...system.programs import Ran
from ..doveadm import FolderCommands

ALICE = Mailbox('alice@example.test')
FOLDER = FolderCommands('deleted-slow', 'deleted-failed', 5.0)


@pytest.mark.parametrize(
    ('end', 'code'),
    [
        (MailError(programs.SLOW, 'x', program='doveadm'), 'deleted-slow'),
        (MailError('program-failed.not-run', 'x', program='doveadm'), 'deleted-failed'),
        (Ran(75, '', 'x'), 'deleted-failed'),
    ],
)
def test_a_failure_is_told_by_the_code_of_the_folder(monkeypatch: Any, end: Any, code: str) -> None:
    def run(_command: list[str], **_options: Any) -> Ran:
        if isinstance(end, MailError):
            raise end
        return Ran(end.code, end.output, end.errors)

    monkeypatch.setattr(programs, 'run', run)
    with pytest.raises(MailError) as caught:
        FOLDER.fetch(ALICE, 'uid', 'mailbox', 'INBOX')
    assert (caught.value.code, caught.value.detail) == (code, 'x')


def test_a_mailbox_that_is_off_is_not_asked(monkeypatch: Any) -> None:
    monkeypatch.setattr(programs, 'run', None)
    with pytest.raises(MailError) as caught:
        FOLDER.fetch(Mailbox('bob@example.test', enabled=False), 'uid')
    assert caught.value.code == 'mailbox-off'
