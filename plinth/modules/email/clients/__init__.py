# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings of this box for mail apps and webmail."""
