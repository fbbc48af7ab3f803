# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands that copy mail agree with how our Dovecot stores it."""

from pathlib import Path

from ..builtin_copy import CONFIGURATION, copy_command, merge_command
from ..dovecot import storage_values

SHIPPED = Path(__file__).parents[5] / 'data' / CONFIGURATION.lstrip('/')


def test_the_configuration_stores_folder_names_as_ours_does() -> None:
    lines = SHIPPED.read_text().splitlines()
    ours = storage_values()
    for name in ('mail_utf8_extensions', 'first_valid_uid'):
        assert f'{name} = {ours[name]}' in lines
    assert '  separator = /' in lines


def test_a_copy_reads_theirs_and_writes_as_ours() -> None:
    command = copy_command('/var/mail/alice', '/var/vmail/.carry/alice')
    assert command[:3] == ('doveadm', '-c', CONFIGURATION)
    assert command[3:7] == ('-o', 'mail_driver=sdbox', '-o', 'mail_path=/var/mail/alice/mail')
    assert 'backup' in command
    assert 'mailbox_list_storage_escape_char=%' in command[command.index('backup') :]
    assert command[-1] == 'maildir:/var/vmail/.carry/alice/Maildir'


def test_a_merge_goes_one_way_and_looks_at_everything() -> None:
    command = merge_command('/a', '/b')
    assert {'sync', '-1', '-f', '--no-userdb-lookup'} <= set(command)
    assert 'mail_path=/a/Maildir' in command
    assert command[-1] == 'maildir:/b/Maildir'
