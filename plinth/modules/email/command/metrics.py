# SPDX-License-Identifier: AGPL-3.0-or-later
"""The verbs `freedombox-email metrics`: numbers for a monitoring system."""

import argparse

from ..activity import metrics
from .output import Output
from .parser import Verbs


def register(verbs: Verbs) -> None:
    """Add the verbs to the parser."""
    verbs.add('show', show, 'print the metrics of the last five minutes')
    verbs.add('on', turn_on, f'publish metrics at http://{metrics.ADDRESS}/metrics')
    verbs.add('off', turn_off, 'stop publishing metrics')


def _state() -> Output:
    text = f'on, at http://{metrics.ADDRESS}/metrics' if metrics.is_on() else 'off'
    return Output([f'Metrics are {text}.'], {'metrics': {'on': metrics.is_on()}})


def turn_on(_arguments: argparse.Namespace) -> Output:
    """Publish metrics."""
    metrics.switch(True)
    return _state()


def turn_off(_arguments: argparse.Namespace) -> Output:
    """Publish metrics no longer."""
    metrics.switch(False)
    return _state()


def show(_arguments: argparse.Namespace) -> Output:
    """Print what is published."""
    lines = metrics.read_page().splitlines()
    if not lines:
        return _state()
    return Output(lines, {'metrics': {'on': metrics.is_on(), 'lines': lines}})
