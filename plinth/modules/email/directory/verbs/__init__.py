# SPDX-License-Identifier: AGPL-3.0-or-later
"""Acts on the mail directory, each with the rules that span several entries."""
