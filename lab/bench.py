# SPDX-License-Identifier: AGPL-3.0-or-later
"""`./box bench`: our box and FreedomBox's built-in app, side by side in one run."""
