# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences are in English here."""

from ..words import speak_english

speak_english()
