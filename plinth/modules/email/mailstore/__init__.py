# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stored mail on disk: its size, and mail of removed mailboxes."""
