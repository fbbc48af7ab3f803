# SPDX-License-Identifier: AGPL-3.0-or-later
"""Print the processor time that editing the stock files takes, at first and once it is done.

Run from the top of the tree in the box: PYTHONPATH=. python3 tests/lenses/measure.py
"""

import os
import statistics
import time
from pathlib import Path

from plinth.modules.email.config.state import (
    DovecotConf,
    DovecotSetting,
    MainCf,
    MasterCf,
    MasterService,
)
from plinth.modules.email.transaction.editor import edit
from plinth.modules.email.transaction.tokens import Edit

RUNS = 50

SUBMISSION = tuple((f'smtpd_option_{number}', 'permit_mynetworks, reject') for number in range(12))
SETTINGS = tuple(
    DovecotSetting(key, 'yes', blocks)
    for key in ('one', 'two', 'three')
    for blocks in ((), (('protocol', 'imap'), ('mail_plugins', '')), (('service', 'lmtp'),))
)
EDITS: tuple[tuple[Edit, str], ...] = (
    (
        MainCf({f'option_{number}': 'one, two, three' for number in range(50)}),
        '/usr/share/postfix/main.cf.debian',
    ),
    (
        MasterCf(
            (
                MasterService('submission', 'inet', 'smtpd', options=SUBMISSION),
                MasterService('submissions', 'inet', 'smtpd', options=SUBMISSION),
            )
        ),
        '/usr/share/postfix/master.cf.dist',
    ),
    (DovecotConf('10-mail.conf', SETTINGS), '/usr/share/dovecot/conf.d/10-mail.conf'),
    (DovecotConf('10-master.conf', SETTINGS), '/usr/share/dovecot/conf.d/10-master.conf'),
)


def milliseconds(texts: list[str]) -> float:
    """The median processor time that all edits take together."""
    times = []
    for _run in range(RUNS):
        start = time.process_time()
        for (wanted, _path), text in zip(EDITS, texts, strict=True):
            edit(wanted, text)
        times.append(time.process_time() - start)

    return statistics.median(times) * 1000


def main() -> None:
    """Print both times."""
    os.environ['AUGEAS_LENS_LIB'] = str(Path('data/usr/share/augeas/lenses').resolve())
    stock = [Path(path).read_text() for _wanted, path in EDITS]
    done = [edit(wanted, text) for (wanted, _path), text in zip(EDITS, stock, strict=True)]
    print(f'stock files, all to be set:   {milliseconds(stock):5.1f} ms')
    print(f'the same files, already right: {milliseconds(done):4.1f} ms')


if __name__ == '__main__':
    main()
