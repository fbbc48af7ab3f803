# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passwords that may be tried, and those who guess."""
