# SPDX-License-Identifier: AGPL-3.0-or-later
"""The app's pages, one module each."""
