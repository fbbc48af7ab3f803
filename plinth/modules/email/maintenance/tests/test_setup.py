# SPDX-License-Identifier: AGPL-3.0-or-later
"""Options an administrator gave the service on port 25."""

import pytest

from ..setup import has_own_options

STOCK = """\
# service type  private unpriv  chroot  wakeup  maxproc command + args
smtp      inet  n       -       y       -       -       smtpd
#smtp      inet  n       -       y       -       1       postscreen
#smtpd     pass  -       -       y       -       -       smtpd
#  -o smtpd_x=y
submission inet n - y - - smtpd
  -o syslog_name=postfix/submission
smtp      unix  -       -       y       -       -       smtp
        -o syslog_name=postfix/$service_name
"""
LINE = 'smtp      inet  n       -       y       -       -       smtpd\n'


@pytest.mark.parametrize(
    ('after', 'has_some'),
    [
        (LINE, False),
        (LINE.replace('smtpd', 'postscreen'), False),
        (LINE + '  -o smtpd_x=y\n', True),
        (LINE + '#  -o smtpd_x=y\n', False),
        (LINE + '# why\n\n  -o smtpd_x=y\n', True),
        (LINE.replace('\n', ' -o smtpd_x=y\n'), True),
        (LINE.replace('\n', ' -v\n'), False),
    ],
)
def test_options_of_others_are_seen(after: str, has_some: bool) -> None:
    assert has_own_options(STOCK.replace(LINE, after, 1)) is has_some


def test_without_such_a_service_there_are_none() -> None:
    assert not has_own_options('')
    assert not has_own_options('25 inet n - y - - smtpd -o x=y\n')
