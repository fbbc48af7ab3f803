# SPDX-License-Identifier: AGPL-3.0-or-later
"""The development box: builds, boots, tests and shows a real FreedomBox with this app."""
