# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes of the daemons' configuration, made completely or not at all."""
