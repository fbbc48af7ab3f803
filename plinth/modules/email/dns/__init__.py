# SPDX-License-Identifier: AGPL-3.0-or-later
"""DNS records: those mail needs, those the world sees, and the difference."""
