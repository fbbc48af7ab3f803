# SPDX-License-Identifier: AGPL-3.0-or-later
"""The take-over of FreedomBox's built-in email app."""
