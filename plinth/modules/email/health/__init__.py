# SPDX-License-Identifier: AGPL-3.0-or-later
"""Health of the mail system: observation, findings, condition."""
