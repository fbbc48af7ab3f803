# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of DNS."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'algorithm-invalid': _('Unknown algorithm. Choose one from the list.'),
    'domain-missing.no-mail-domain': _('{name} is not a mail domain on this server.'),
    'key-name-invalid': _('Enter the key name as your DNS provider shows it.'),
    'lookup-failed': _('The lookup service did not answer.'),
    'lookup-failed.no-address': _('The lookup service returned no public IP address.'),
    'lookup-off': _('No lookup service is chosen in the Privacy settings.'),
    'places-invalid': _('The file {name} is invalid.'),
    'port-invalid': _('Enter a port number from 1 to 65535.'),
    'provider-down': _('The name server {server} does not answer.'),
    'provider-refused': _('The name server {server} refused the change.'),
    'provider-refused.clock': _('The name server rejected the request, because the clocks differ.'),
    'provider-refused.busy': _('{server} wants fewer requests. Try again in an hour.'),
    'provider-refused.key': _('The name server {server} rejected the TSIG key.'),
    'provider-refused.token': _('{server} rejected the token, or it may not change this zone.'),
    'provider-refused.zone': _('{server} does not have this zone.'),
    'report-failed': _('The report could not be saved.'),
    'report-failed.address': _('The address could not be saved.'),
    'secret-invalid': _('The TSIG secret is not valid base64.'),
    'secret-invalid.too-long': _('The TSIG secret is too long.'),
    'secret-invalid.too-short': _('The TSIG secret is too short.'),
    'server-invalid': _('Enter an IP address like 192.0.2.53.'),
    'token-invalid': _('Enter the token as your DNS provider shows it, without spaces.'),
    'url-invalid': _('Enter an address like https://example.org/dns without a user name.'),
    'zone-invalid': _('Enter a zone like example.org.'),
}
