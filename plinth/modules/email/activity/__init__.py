# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail that moves: its queue, its last times, and the way it takes."""
