# SPDX-License-Identifier: AGPL-3.0-or-later
"""Desired state of the daemons, as pure functions of the facts."""
