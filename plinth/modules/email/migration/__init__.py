# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail and addresses that come from elsewhere."""
