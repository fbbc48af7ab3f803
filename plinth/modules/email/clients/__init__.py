# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail programs and web mail, and what they are told about this box."""
