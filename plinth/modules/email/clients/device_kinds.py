# SPDX-License-Identifier: AGPL-3.0-or-later
"""Kinds of devices, by the way in which each gets its settings."""

import enum


class DeviceKind(enum.StrEnum):
    """A kind of device."""

    ANDROID = 'android'
    """Reads account and password from a QR code."""
    APPLE = 'apple'
    """Fetches a profile by a link."""
    COMPUTER = 'computer'
    """Asks for the settings of an address (autoconfig)."""
    OTHER = 'other'
    """Has its settings typed."""
