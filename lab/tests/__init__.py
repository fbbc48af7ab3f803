# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tests of the lab itself; they need no machine of it."""
