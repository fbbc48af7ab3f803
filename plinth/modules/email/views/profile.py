# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public pages on which an iPhone, iPad or Mac fetches its profile by a link."""

import base64
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy

from .. import privileged
from ..clients.apple_profile import CONTENT_TYPE
from ..clients.device_profiles import Profile, ProfileLink
from ..clients.setup_requests import Given, Protocol
from ..forms.base import MailForm
from .mail_link import LinkEntrance, LinkUse
from .page import call
from .setup_requests import note

_SECRET = 'email-profile'  # noqa: S105 - the name of a place in the session
_FILE = 'mail.mobileconfig'


class ProfileEntrance(LinkEntrance):
    """The page the link leads to."""

    title = gettext_lazy('Set up mail on this device')
    template_name = 'email-profile-link.html'
    submit = gettext_lazy('Continue')
    wrong = 'profile-link-invalid'
    place = _SECRET
    following = 'profile-ready'

    def look(self, secret: str) -> None:
        """Have root look for the device."""
        call(privileged.profile_of_link, secret)


class ProfileReady(LinkUse):
    """The device, and the button that downloads its profile."""

    title = gettext_lazy('Set up mail on this device')
    form_class = MailForm
    template_name = 'email-profile.html'
    submit = gettext_lazy('Download profile')
    wrong = 'profile-link-invalid'
    place = _SECRET
    entrance = 'profile'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the device."""
        link = ProfileLink.from_json(call(privileged.profile_of_link, self.secret))
        return super().get_context_data(link=link, **kwargs)

    def save(self, _form: MailForm) -> HttpResponse:
        """Hand out the profile, which uses up the link."""
        profile = Profile.from_json(call(privileged.profile_fetch, self.secret))
        note(self.request, Protocol.PROFILE, profile.domain, Given.SETTINGS)
        del self.request.session[_SECRET]
        response = HttpResponse(base64.b64decode(profile.content), content_type=CONTENT_TYPE)
        response['Content-Disposition'] = f'attachment; filename="{_FILE}"'
        response['Cache-Control'] = 'no-store'
        return response
