# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences about answers of mail servers: what an answer means, and what to do.

The first sentence of each pair also stands in notices about messages that came back.
"""

from .mark import gettext_noop as _

MEANINGS: dict[str, tuple[str, str]] = {
    'no-such-address': (
        _('The address does not exist at the other mail server.'),
        _('Check the spelling of the address, or ask the recipient for the current one.'),
    ),
    'no-such-domain': (
        _('The domain of the address does not exist, or has no mail server.'),
        _('Check the part of the address after the @.'),
    ),
    'accepts-no-mail': (
        _('The domain of the address accepts no mail.'),
        _('Ask the recipient for another address.'),
    ),
    'address-syntax': (
        _('The other mail server cannot read the address.'),
        _('Check the address for typing errors.'),
    ),
    'address-moved': (
        _('The recipient has moved to another address.'),
        _('Ask the recipient for the current address.'),
    ),
    'sender-address': (
        _('The other mail server does not accept the sender address.'),
        _('Check that the domain of the sender has DNS records for mail, and that it can be '
          'answered.'),
    ),
    'mailbox-off': (
        _("The recipient's mailbox is turned off or does not accept mail now."),
        _('Tell the recipient in another way.'),
    ),
    'mailbox-full': (
        _("The recipient's mailbox is full."),
        _('Tell the recipient in another way. Delivery works again once there is room.'),
    ),
    'too-fast-for-recipient': (
        _('The recipient is receiving too many messages at the moment.'),
        _('Wait. Delivery is retried automatically.'),
    ),
    'too-large': (
        _('The message is larger than the other mail server accepts.'),
        _('Send smaller attachments, or share a link to the files.'),
    ),
    'list-members-only': (
        _('The address accepts messages only from certain senders, such as members of a list.'),
        _('Ask the owner of the address or list for permission.'),
    ),
    'server-trouble': (
        _('The other mail server has a problem of its own.'),
        _('Wait. If it lasts for more than a day, tell the recipient in another way.'),
    ),
    'not-accepting': (
        _('The other mail server accepts no mail at the moment.'),
        _('Wait. Delivery is retried automatically.'),
    ),
    'no-answer': (
        _('The other mail server does not answer.'),
        _('Wait. If no mail leaves this server at all, the internet provider may block port 25.'),
    ),
    'connection-lost': (
        _('The connection to the other mail server was lost during delivery.'),
        _('Wait. Delivery is retried automatically.'),
    ),
    'dns-trouble': (
        _('The mail servers of the domain could not be looked up in DNS.'),
        _('Wait. If other domains are affected too, check the DNS resolver of this server.'),
    ),
    'no-route': (
        _('There is no way to the mail server of this address.'),
        _('Check the part of the address after the @.'),
    ),
    'loop': (
        _('The message went around in a circle between mail servers.'),
        _('Check the forwards of the recipient: one of them leads back.'),
    ),
    'waited-too-long': (
        _('The message could not be delivered for days and was given up.'),
        _('Tell the recipient in another way, then send the message again.'),
    ),
    'busy': (
        _('The other mail server is busy.'),
        _('Wait. Delivery is retried automatically.'),
    ),
    'protocol': (
        _('The other mail server did not understand this one.'),
        _('Ask the administrator of the other mail server.'),
    ),
    'too-many-recipients': (
        _('The message has more recipients than the other mail server accepts at a time.'),
        _('Send the message to fewer recipients at a time.'),
    ),
    'content-form': (
        _('The other mail server cannot accept the form of the message.'),
        _('Send the message again as plain text, without unusual attachments.'),
    ),
    'unicode-address': (
        _('The other mail server does not support addresses with letters beyond ASCII.'),
        _('Send from, or to, an address with ASCII letters only.'),
    ),
    'not-allowed': (
        _('The other mail server refuses the message because of its rules.'),
        _('Read its answer below. It often says which rule and has a link.'),
    ),
    'not-allowed-to-relay': (
        _('The other mail server is not responsible for this address.'),
        _('Check the address. If it is right, the MX record of its domain is wrong.'),
    ),
    'login-needed': (
        _('The relay does not accept the login of this server.'),
        _('Check the user name and the password of the relay.'),
    ),
    'sender-not-owned': (
        _('The relay does not allow this sender address.'),
        _('Add the address or its domain to the account at the relay.'),
    ),
    'encryption-needed': (
        _('The other mail server demands an encrypted connection.'),
        _('Check that the outgoing connection or the relay is set to use encryption (TLS).'),
    ),
    'encryption-failed': (
        _('No encrypted connection to the other mail server could be made.'),
        _('Wait. The domain demands encryption, so the message is not sent without it.'),
    ),
    'certificate': (
        _('The certificate of the other mail server is not valid for its domain.'),
        _('Wait, or tell the administrator of the other domain. The message is not sent to a '
          'server that may be the wrong one.'),
    ),
    'dkim': (
        _('The signature (DKIM) of the message is missing or was not accepted.'),
        _('Check the DKIM records of the sender domain.'),
    ),
    'spf': (
        _('The SPF record of the sender domain does not list this server.'),
        _('Check the SPF record of the sender domain.'),
    ),
    'dmarc': (
        _('The message fails the DMARC policy of the sender domain.'),
        _('Check the SPF, DKIM and DMARC records of the sender domain.'),
    ),
    'not-authenticated': (
        _('The other mail server could not verify the sender domain (SPF, DKIM, DMARC).'),
        _('Check the SPF, DKIM and DMARC records of the sender domain.'),
    ),
    'forward-not-authenticated': (
        _('The seal (ARC) of a forwarded message was not accepted.'),
        _('Ask the recipient to allow forwards from this server.'),
    ),
    'no-reverse-name': (
        _('The IP address of this server has no matching name in DNS (reverse DNS, PTR).'),
        _('Have the internet provider set it, or send through a relay.'),
    ),
    'block-list': (
        _('The IP address or domain of this server is on a block list.'),
        _('Look for the list in the answer, ask there to be removed, or send through a relay.'),
    ),
    'dynamic-address': (
        _('The other mail server accepts no mail from IP addresses of home connections.'),
        _('Send through a relay.'),
    ),
    'unknown-server': (
        _('The other mail server does not know this server yet.'),
        _('Write to the contact in its answer and introduce this server, or send through a relay.'),
    ),
    'reputation': (
        _('The other mail server has a bad opinion of the IP address or domain of this server.'),
        _('Send little for some weeks, check the DNS records, or send through a relay.'),
    ),
    'too-many-messages': (
        _('The other mail server received too many messages, or complaints, from this server.'),
        _('Check who sent that many messages: someone may use a stolen password.'),
    ),
    'try-again': (
        _('The other mail server asks to be tried again later.'),
        _('Wait. This is usual for a first message to someone.'),
    ),
    'spam': (
        _('The other mail server takes the message for spam.'),
        _('Change its wording, links or attachments, or ask the recipient to allow the sender.'),
    ),
    'virus': (
        _('The other mail server takes an attachment or link of the message for dangerous.'),
        _('Share the file in another way.'),
    ),
    'link-on-block-list': (
        _('The message has a link or a domain in it that is on a block list.'),
        _('Remove the link and send the message again.'),
    ),
    'header-form': (
        _('A line of the message header, such as From, is missing or wrong.'),
        _('Send the message with another mail app.'),
    ),
}  # fmt: skip

FAULTS: dict[str, str] = {
    'address': _('The cause is the address that was entered.'),
    'here': _('The cause is a setting of this server or of its domains.'),
    'network': _('The cause is the internet connection of this server.'),
    'there': _('The cause is at the other mail server.'),
    'recipient': _("The cause is the recipient's mailbox."),
    'message': _('The cause is the message.'),
    'none': _('Nothing is wrong.'),
}
