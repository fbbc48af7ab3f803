# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for codes, in the language of the reader."""
