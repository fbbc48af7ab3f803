# SPDX-License-Identifier: AGPL-3.0-or-later
"""Long work, run as FreedomBox's operations with progress."""
