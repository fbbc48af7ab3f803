# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about ways out: choices, the steps of a test, and troubles with relays."""

from .mark import gettext_noop as _
from .text import Coded, Sentence

STEPS: dict[str, str] = {
    'way-direct-usual': _('Mail is delivered directly: no relay is set up for it.'),
    'way-direct-all': _('Mail is delivered directly, as set for all mail.'),
    'way-direct-domain': _('Mail is delivered directly, as set for the domain {key}.'),
    'way-direct-mailbox': _('Mail is delivered directly, as set for the mailbox {key}.'),
    'way-direct-destination': _('Mail is delivered directly, as set for mail to {key}.'),
    'way-relay-all': _('Mail goes to the relay {relay}, as set for all mail.'),
    'way-relay-domain': _('Mail goes to the relay {relay}, as set for the domain {key}.'),
    'way-relay-mailbox': _('Mail goes to the relay {relay}, as set for the mailbox {key}.'),
    'way-relay-destination': _('Mail goes to the relay {relay}, as set for mail to {key}.'),
    'way-fallback-all': _(
        'Mail is delivered directly, or by the relay {relay} if that fails, as set for all mail.'
    ),
    'way-fallback-domain': _(
        'Mail is delivered directly, or by the relay {relay} if that fails, as set for the domain '
        '{key}.'
    ),
    'way-fallback-mailbox': _(
        'Mail is delivered directly, or by the relay {relay} if that fails, as set for the mailbox '
        '{key}.'
    ),
    'way-fallback-destination': _(
        'Mail is delivered directly, or by the relay {relay} if that fails, as set for mail to '
        '{key}.'
    ),
    'stays-here': _('{domain} is a mail domain on this server, so this mail never leaves it.'),
    'mx-unknown': _('The mail servers of {domain} could not be looked up in DNS.'),
    'mx-null': _('{domain} does not accept mail (null MX).'),
    'host-unknown': _('The server {host} could not be found in DNS.'),
    'connected': _('Connected to {host} ({address}), port {port}.'),
    'connect-timeout': _(
        '{host} ({address}) does not answer on port {port}. A firewall or your internet provider '
        'may block it.'
    ),
    'connect-refused': _('{host} ({address}) refused the connection to port {port}.'),
    'connect-failed': _('Could not connect to {host} ({address}), port {port}.'),
    'greeted': _('The server greeted.'),
    'greeting-refused': _('The server refused to talk to {box_name}.'),
    'hello-refused': _('The server rejected the greeting of {box_name}.'),
    'encrypted': _('Encrypted with {version} ({cipher}). The certificate is valid for {host}.'),
    'encrypted-unchecked': _(
        'Encrypted with {version} ({cipher}). The certificate was not checked.'
    ),
    'not-encrypted': _('Not encrypted: {host} is used without TLS.'),
    'certificate-wrong': _(
        "The certificate of {host} isn't valid, so no password was sent and mail waits."
    ),
    'tls-missing': _("{host} doesn't offer encryption (STARTTLS), so mail waits."),
    'tls-refused': _('The server announced encryption, but refused to start it.'),
    'tls-failed': _('Encryption with {host} failed.'),
    'login-taken': _('Login accepted as {login}.'),
    'login-refused': _('The relay rejected the user name or password of {login}.'),
    'login-missing': _('{host} does not offer a login on this port.'),
    'password-unknown': _('No password is stored for the relay {relay}.'),
    'sender-taken': _('Sender accepted: {sender}.'),
    'sender-refused': _('Sender rejected: {sender}.'),
    'recipient-taken': _('Recipient accepted: {recipient}.'),
    'recipient-refused': _('Recipient rejected: {recipient}.'),
    'falls-back': _('Direct delivery fails, so mail goes to the relay {relay}.'),
    'silent': _('{host} stopped answering.'),
    'broken-off': _('The connection to {host} broke off.'),
    'no-message-sent': _('The test ends here. No message was sent.'),
}
TROUBLES: dict[str, str] = {
    'login': _('The relay {relay} rejects the login.'),
    'sender': _('The relay {relay} rejects the sender.'),
    'certificate': _('The certificate of the relay {relay} is not valid.'),
    'encryption': _("The connection to the relay {relay} can't be encrypted."),
    'unreachable': _("The relay {relay} can't be reached."),
    'other': _("The relay {relay} doesn't accept mail."),
}
ADVICE: dict[str, str] = {
    'login': _('Correct the user name or password. Waiting messages are then sent.'),
    'sender': _('Allow this sender at the relay provider, or choose another way to send.'),
    'certificate': _('Check the server name. Mail waits instead of going to another server.'),
    'encryption': _('Check port and encryption. Mail waits instead of being sent in the open.'),
    'unreachable': _('Delivery is retried for 5 days. Test the relay, or choose another one.'),
    'other': _('Delivery is retried for 5 days. Test the relay, or choose another one.'),
}
CHOICES: dict[str, str] = {
    'direct': _('Directly'),
    'relay': _('By the relay {relay}'),
    'fallback': _('Directly, or by the relay {relay} if that fails'),
}
"""Ways out, as lists and forms show them."""
DKIM: dict[str, str] = {
    'own': _('{title} passes the signature of {box_name} on. No other DKIM record is needed.'),
    'records': _(
        '{title} signs mail too. Add your domain there, and create the DKIM records it shows in '
        'addition to those of {box_name}.'
    ),
}
"""Hints about signing keys at well-known relays."""
CHOSEN = _('Sending: {way}. The mail services follow within seconds.')
CHOSEN_AS_USUAL = _('Sending: as for all mail. The mail services follow within seconds.')
REMOVE_RELAY = _('Remove the relay {key}?')
RELAY_REMOVED = _('Removed the relay {name}.')
RELAY_SAVED = _('Saved the relay {name}.')
RELAY_ADDED = _('Added the relay {name}. Now choose which mail is sent by it.')
TEST_IT = _('Run the test below to see whether mail leaves.')
TEST_WORKED = _('The other server takes mail from this sender.')
TEST_FAILED = _('The last step names the reason.')
PORT_OPEN = _('The last check reached other mail servers on port 25.')
PORT_SHUT = _('Your internet provider blocks outgoing connections to port 25.')
TWO_WAYS = _(
    'Send by a relay, or connect {box_name} by a WireGuard tunnel to a server that may send.'
)


def step(verdict: Coded) -> Sentence:
    """The sentence of a step of a test."""
    return Sentence(STEPS[verdict.code], dict(verdict.params))


def choice(kind: str, relay: str) -> Sentence:
    """A way out in words."""
    return Sentence(CHOICES[kind], {'relay': relay})
