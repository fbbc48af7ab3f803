# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether mail works: what is observed, the findings in it, and the verdict."""
