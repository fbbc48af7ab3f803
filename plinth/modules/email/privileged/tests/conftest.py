# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tests of a working tree use its own lenses, not those of an installed package."""

import os
from pathlib import Path

LENSES = Path(__file__).parents[5] / 'data/usr/share/augeas/lenses'
os.environ['AUGEAS_LENS_LIB'] = str(LENSES)
