# SPDX-License-Identifier: AGPL-3.0-or-later
"""Upkeep by root: settings, signing keys, DNS records, expiry, indexes."""
