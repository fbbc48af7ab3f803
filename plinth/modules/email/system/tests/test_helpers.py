# SPDX-License-Identifier: AGPL-3.0-or-later
"""The units that should run beside the mail services."""

from pathlib import Path

from plinth.modules.email.system.helpers import wanted


def test_helpers_of_running_services_are_wanted(tmp_path: Path) -> None:
    for name in ('postfix/freedombox-email-a.socket', 'dovecot/freedombox-email-b.timer',
                 'rspamd/other.service', 'apache2/freedombox-email-c.timer'):  # fmt: skip
        leader, unit = name.split('/')
        folder = tmp_path / f'{leader}.service.wants'
        folder.mkdir(exist_ok=True)
        (folder / unit).write_text('')
    running = {'postfix': True, 'dovecot': True, 'rspamd': True}
    assert wanted(running, tmp_path) == ['freedombox-email-a.socket', 'freedombox-email-b.timer']
    assert wanted({**running, 'postfix': False}, tmp_path) == ['freedombox-email-b.timer']
    assert wanted(running, tmp_path / 'missing') == []


def test_a_helper_that_is_off_is_not_wanted(tmp_path: Path) -> None:
    folder = tmp_path / 'postfix.service.wants'
    folder.mkdir()
    switch = tmp_path / 'on'
    (folder / 'freedombox-email-a.socket').write_text(f'[Unit]\nConditionPathExists={switch}\n')
    assert wanted({'postfix': True}, tmp_path) == []
    switch.touch()
    assert wanted({'postfix': True}, tmp_path) == ['freedombox-email-a.socket']
