# SPDX-License-Identifier: AGPL-3.0-or-later
"""The schema of a profile with a mail account: keys, types, and what a device must find.

Facts of Apple's device management schema (`mdm/profiles/TopLevel.yaml`, `CommonPayloadKeys.yaml`
and `com.apple.mail.managed.yaml` in its repository `device-management`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_UUID = r'[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}'
_AUTHENTICATION = 'EmailAuth(None|Password|CRAMMD5|NTLM|HTTPMD5)'


@dataclass(frozen=True)
class ProfileKey:
    """A key: the type of its value, its form if that is text, and whether it must be there."""

    type: type
    is_required: bool = False
    form: str = '.*'


_COMMON = {
    'PayloadType': ProfileKey(str, True),
    'PayloadVersion': ProfileKey(int, True),
    'PayloadIdentifier': ProfileKey(str, True),
    'PayloadUUID': ProfileKey(str, True, _UUID),
    'PayloadDisplayName': ProfileKey(str),
    'PayloadDescription': ProfileKey(str),
    'PayloadOrganization': ProfileKey(str),
}
PROFILE = {
    **_COMMON,
    'PayloadType': ProfileKey(str, True, 'Configuration'),
    'PayloadContent': ProfileKey(list, True),
    'PayloadRemovalDisallowed': ProfileKey(bool),
}
MAIL = {
    **_COMMON,
    'PayloadType': ProfileKey(str, True, 'com.apple.mail.managed'),
    'EmailAccountDescription': ProfileKey(str),
    'EmailAccountName': ProfileKey(str),
    'EmailAccountType': ProfileKey(str, True, 'EmailType(IMAP|POP)'),
    'EmailAddress': ProfileKey(str),
    **{
        f'{way}{name}': key
        for way in ('Incoming', 'Outgoing')
        for name, key in {
            'MailServerAuthentication': ProfileKey(str, True, _AUTHENTICATION),
            'MailServerHostName': ProfileKey(str, True),
            'MailServerPortNumber': ProfileKey(int),
            'MailServerUseSSL': ProfileKey(bool),
            'MailServerUsername': ProfileKey(str),
            'Password': ProfileKey(str),
        }.items()
    },
    'OutgoingPasswordSameAsIncomingPassword': ProfileKey(bool),
    'PreventMove': ProfileKey(bool),
    'PreventAppSheet': ProfileKey(bool),
    'SMIMEEnabled': ProfileKey(bool),
    'disableMailRecentsSyncing': ProfileKey(bool),
    'allowMailDrop': ProfileKey(bool),
    'IncomingMailServerIMAPPathPrefix': ProfileKey(str),
}


def faults(found: Mapping[str, Any], schema: Mapping[str, ProfileKey]) -> Iterator[str]:
    """Faults of a dictionary: unknown and missing keys, values of another type or form."""
    yield from (f'{name} is unknown' for name in found.keys() - schema.keys())
    for name, key in schema.items():
        if name not in found:
            if key.is_required:
                yield f'{name} is missing'
        elif type(found[name]) is not key.type:
            yield f'{name} is no {key.type.__name__}'
        elif key.type is str and not re.fullmatch(key.form, found[name], re.DOTALL):
            yield f'{name} cannot be {found[name]}'


def faults_of_profile(profile: Mapping[str, Any]) -> list[str]:
    """Faults of a profile and of the accounts in it."""
    accounts = profile.get('PayloadContent', [])
    inner = (fault for each in accounts for fault in faults(each, MAIL))
    return sorted([*faults(profile, PROFILE), *inner])
