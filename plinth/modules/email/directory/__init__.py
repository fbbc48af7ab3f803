# SPDX-License-Identifier: AGPL-3.0-or-later
"""Domains, mailboxes and aliases: value types and the LDAP store behind them."""
