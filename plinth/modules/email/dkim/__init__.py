# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing keys of mail domains, and how one pair follows another (DKIM, RFC 6376)."""
