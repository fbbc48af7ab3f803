# SPDX-License-Identifier: AGPL-3.0-or-later
"""The operating system below: files, systemd, packages, uploads."""
