# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what Postfix's tools print; whether the daemons refuse is tried in the box."""

from typing import Any

import pytest

from plinth.modules.email.transaction import daemons
from plinth.modules.email.transaction.daemons import MasterProgram

MASTER = """\
smtp       inet  n       -       y       -       -       smtpd
submission inet  n       -       y       -       -       smtpd -o syslog_name=postfix/submission -o { smtpd_client_restrictions = permit_sasl_authenticated, reject }
relay      unix  -       -       y       -       -       smtp -o syslog_name=${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name
smtp-again inet  n       -       y       -       -       smtpd
learn      unix  -       n       n       -       -       pipe flags=R user=vmail argv=/bin/learn -o x
"""  # noqa: E501


def test_services_are_distinct_and_keep_their_options() -> None:
    assert daemons.services(MASTER) == (
        MasterProgram('smtpd', ()),
        MasterProgram(
            'smtpd',
            (
                '-o',
                'syslog_name=postfix/submission',
                '-o',
                'smtpd_client_restrictions = permit_sasl_authenticated, reject',
            ),
        ),
        MasterProgram(
            'smtp',
            (
                '-o',
                'syslog_name=${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name',
            ),
        ),
        MasterProgram('pipe', ('-o', 'x')),
    )


@pytest.mark.parametrize(
    ('value', 'default', 'wrong'),
    [
        ('x', '20', True),
        ('-1', '20', True),
        ('', '20', True),
        ('30', '20', False),
        ('5', '5d', True),
        ('5 days', '5d', True),
        ('10h', '5d', False),
        ('maybe', 'no', True),
        ('yes', 'no', False),
        ('anything', '', False),
        ('anything', 'all', False),
        ('anything', '3.10.1', False),
    ],
)
def test_value_is_of_the_kind_of_its_default(value: Any, default: Any, wrong: Any) -> None:
    assert bool(daemons.mistyped({'name': value}, {'name': default})) is wrong


def test_parameter_that_takes_words_too_or_is_unknown_is_let_through() -> None:
    defaults = {'compatibility_level': '0', 'lmtp_tcp_port': '24'}
    changed = {'compatibility_level': '3.9', 'lmtp_tcp_port': 'lmtp', 'our_own': 'x'}
    assert daemons.mistyped(changed, defaults) == ()


def test_complaints_are_told_once_and_compare_between_runs() -> None:
    text = (
        'postfix/smtpd[12]: connect from localhost\n'
        'postfix/smtpd[12]: warning: /etc/postfix/main.cf, line 9: overriding entry\n'
        'postfix/smtpd[12]: warning: /etc/postfix/main.cf, line 9: overriding entry\n'
        'postfix/smtpd[12]: fatal: bad\n'
    )
    assert daemons._complaints(text) == (
        'postfix/smtpd: warning: /etc/postfix/main.cf: overriding entry',
        'postfix/smtpd: fatal: bad',
    )
