# SPDX-License-Identifier: AGPL-3.0-or-later
"""The surroundings of all unit tests: FreedomBox's Django, and the lenses of this tree."""

import os
from pathlib import Path

import django

LENSES = Path(__file__).parents[1] / 'data/usr/share/augeas/lenses'
os.environ['AUGEAS_LENS_LIB'] = str(LENSES)
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'freedombox.tests.data.django_test_settings')
django.setup()
