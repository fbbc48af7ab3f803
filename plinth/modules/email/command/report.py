# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email report`: reports that are sent each month or week."""

import argparse
from collections.abc import Callable
from datetime import datetime

from ..activity.period import Period, last_before
from ..activity.samples import Samples
from ..directory.mailbox import Mailbox
from ..directory.report_choice import ReportChoice
from ..directory.store import Store
from ..directory.verbs import report_choices
from ..health.report_sending import Reports
from ..maintenance import monthly_report
from ..system.box_zone import box_zone
from .output import Output
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    monthly = verbs.add('monthly', show_monthly, 'print the report of the last whole month')
    monthly.add_argument('--show', action='store_true', help='print it; this is the default')
    weekly = verbs.add(
        'weekly', show_weekly, 'print the report of the last whole week on a mailbox'
    )
    weekly.add_argument('address', metavar='ADDRESS', help='address of the mailbox')
    weekly.add_argument('--show', action='store_true', help='print it; this is the default')
    choice = weekly.add_mutually_exclusive_group()
    choice.add_argument('--on', action='store_true', help='send it each week')
    choice.add_argument('--off', action='store_true', help='send it no longer')
    usage = verbs.add('usage', choose_usage, 'print the report on use of a mailbox, or turn it on')
    usage.add_argument('address', metavar='ADDRESS', help='address of the mailbox')
    other = usage.add_mutually_exclusive_group()
    other.add_argument('--on', action='store_true', help='send it to guardians or administrators')
    other.add_argument('--off', action='store_true', help='send it no longer')
    verbs.add('on', turn_on, 'send the monthly report to administrators')
    verbs.add('off', turn_off, 'stop sending the monthly report')


def _shown(made: tuple[str, str], name: str) -> Output:
    subject, text = made
    data = {'report': {'period': name, 'subject': subject, 'text': text}}
    return Output([subject, '', *text.splitlines()], data)


def show_monthly(_arguments: argparse.Namespace) -> Output:
    """Print the monthly report."""
    now = datetime.now(box_zone())
    period = last_before('monthly', now.date())
    with Store() as store, Samples() as samples:
        made = Reports(store, samples, now).month(period, is_empty_told=True)
    return _shown(made, period.name) if made else Output()


def show_weekly(arguments: argparse.Namespace) -> Output:
    """Print the weekly report of a mailbox, or choose whether it is sent."""
    return _of_mailbox(arguments, 'weekly', 'weekly report', Reports.weekly)


def choose_usage(arguments: argparse.Namespace) -> Output:
    """Print the report on the use of a mailbox, or choose whether it is sent."""
    return _of_mailbox(arguments, 'usage', 'report on use', Reports.usage)


def _of_mailbox(
    arguments: argparse.Namespace,
    kind: ReportChoice,
    name: str,
    make: Callable[[Reports, Mailbox, Period], tuple[str, str]],
) -> Output:
    now = datetime.now(box_zone())
    period = last_before('weekly', now.date())
    with Store() as store, Samples() as samples:
        if arguments.on or arguments.off:
            report_choices.choose_report(store, arguments.address, kind, arguments.on)
            return Output([f'The {name} is {"on" if arguments.on else "off"}.'])
        mailbox = store.get(Mailbox, arguments.address)
        return _shown(make(Reports(store, samples, now), mailbox, period), period.name)


def _state() -> Output:
    is_on = monthly_report.is_on()
    return Output([f'The monthly report is {"on" if is_on else "off"}.'], {'report': {'on': is_on}})


def turn_on(_arguments: argparse.Namespace) -> Output:
    """Send the monthly report."""
    monthly_report.choose(on=True)
    return _state()


def turn_off(_arguments: argparse.Namespace) -> Output:
    """Send the monthly report no longer."""
    monthly_report.choose(on=False)
    return _state()
