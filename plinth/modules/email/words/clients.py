# SPDX-License-Identifier: AGPL-3.0-or-later
"""Texts in settings for mail apps. Root's programs write them: they are in English."""

from .mark import gettext_noop as _

PROFILE = _('Sets up your mail on this device. Remove the profile to remove the account.')
