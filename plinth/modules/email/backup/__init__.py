# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail directory as a file, saved and brought back."""
