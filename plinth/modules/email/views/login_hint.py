# SPDX-License-Identifier: AGPL-3.0-or-later
"""Show people whose mailbox belongs to no FreedomBox user where they sign in.

FreedomBox's login page has no place for an app to put a link, and its template is not ours to
change. But Django says when a login failed, and FreedomBox shows messages above the form: who
tried an email address reads where such addresses are used. It is said for any address, so no one
learns from it which exist.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from ..sync import synchronize
from ..words import pages


def follow() -> None:
    """Hear of logins that failed."""
    user_login_failed.connect(on_login_failed, dispatch_uid='email-login-hint')


def on_login_failed(
    credentials: Mapping[str, Any], request: HttpRequest | None = None, **_arguments: Any
) -> None:
    """Say where to sign in with an email address."""
    if request is None or '@' not in str(credentials.get('username', '')):
        return
    if synchronize.is_set_up():
        text = pages.SIGN_IN_HINT
        messages.info(request, format_html(text, url=reverse('email:sign-in')))
