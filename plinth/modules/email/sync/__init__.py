# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail in step with FreedomBox's names, users and certificates."""
