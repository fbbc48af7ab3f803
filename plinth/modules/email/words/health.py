# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for problems on the overview, their remedies, and the answer whether mail works."""

from dataclasses import dataclass

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext
from .text import Phrase


@dataclass(frozen=True)
class Problem:
    """A problem in words: its title, then its consequence or its solution."""

    title: Phrase
    advice: Phrase


_RELAY_SAID = ngettext(
    '{count} message is waiting. The relay said: “{said}” Nothing is lost: delivery is retried for '
    '5 days.',
    '{count} messages are waiting. The relay said: “{said}” Nothing is lost: delivery is retried '
    'for 5 days.',
)
_RELAY_SILENT = ngettext(
    '{count} message is waiting. The reason: “{said}” Nothing is lost: delivery is retried for 5 '
    'days.',
    '{count} messages are waiting. The reason: “{said}” Nothing is lost: delivery is retried for 5 '
    'days.',
)
_RELOAD = _('Reload this page in a minute. If this persists, restart {box_name}.')
_ADDRESSES = _("They are from before {date}. {taken_by} can't see them until you decide.")
_WAITING = ngettext(
    'A message to {recipient} has been waiting for more than an hour.',
    '{count} messages are waiting. The oldest, to {recipient}, has been waiting for '
    'more than an hour.',
)

PROBLEMS: dict[str, Problem] = {
    'disabled': Problem(
        _('Email is turned off.'),
        _("Users can't send, receive or read mail. Turn it on with the switch above."),
    ),
    'services-unknown': Problem(_("The state of the mail services can't be read."), _RELOAD),
    'service-down': Problem(_('{name} is stopped.'), '{failing}'),
    'helpers-unknown': Problem(_("The state of the background services can't be read."), _RELOAD),
    'helper-limits': Problem(
        _('The service for sending limits is stopped.'),
        _("Users can't send to other servers until it runs. Run Repair."),
    ),
    'helper-tls': Problem(
        _('The service for encrypted delivery is stopped.'),
        _('Mail to other servers is queued until it runs. Run Repair.'),
    ),
    'helper-srs': Problem(
        _('The service for forwarded mail is stopped.'),
        _('Mail that is forwarded to other servers is put off until it runs. Run Repair.'),
    ),
    'helpers': Problem(
        _('Some background services of email are stopped.'),
        _('These should run: {names}. Run Repair.'),
    ),
    'root-silent': Problem(
        _("The FreedomBox service that checks the mail system isn't answering."), _RELOAD
    ),
    'unseen-queue': Problem(_("The mail queue can't be read."), _RELOAD),
    'unseen-drift': Problem(
        _("The mail settings can't be compared with the expected ones."), _RELOAD
    ),
    'unseen-undone': Problem(_("The list of settings you have undone can't be read."), _RELOAD),
    'unseen-room-mb': Problem(_("The free disk space can't be read."), _RELOAD),
    'unseen-keys-lost': Problem(_("The signing keys (DKIM) can't be checked."), _RELOAD),
    'unseen-kept': Problem(_("The mail of removed mailboxes can't be read."), _RELOAD),
    'unseen-times': Problem(_("The mail log can't be read."), _RELOAD),
    'unseen-certificates': Problem(_("The certificates can't be read."), _RELOAD),
    'unseen-unreadable': Problem(
        _("Can't tell whether the mail services would start again."), _RELOAD
    ),
    'unseen-relays': Problem(_("Can't tell whether a relay refuses mail."), _RELOAD),
    'unseen-records': Problem(_("The results of DNS checks can't be read."), _RELOAD),
    'directory-silent': Problem(
        _("The user directory (LDAP) isn't answering."),
        _("No mail is lost, but nothing is delivered and users can't log in."),
    ),
    'no-domain': Problem(
        _('Add a domain to get started.'),
        _('Email addresses end in a domain you own, such as example.org.'),
    ),
    'no-public-domain': Problem(
        _('No one outside your network can send you mail.'),
        _('{box_name} has only a local name. Add a public domain.'),
    ),
    'no-mailbox': Problem(
        _('There are no mailboxes yet.'),
        _('Every FreedomBox user gets a mailbox. Run Repair to create the missing ones.'),
    ),
    'recipients': Problem(
        _('Who receives mail at {domain}?'), _('Mail to this domain is rejected until you choose.')
    ),
    'users-missing': Problem(
        ngettext('{count} user is missing: {names}.', '{count} users are missing: {names}.'),
        _(
            'Their mailboxes and app passwords are kept, because the user directory may be '
            'damaged. Restore it, or confirm that these users were deleted.'
        ),
    ),
    'certificate-unread': Problem(
        _("The certificate for {domain} can't be read."), _('Mail apps may refuse to connect.')
    ),
    'certificate-expired': Problem(
        _('The certificate for {domain} has expired.'),
        _('Most mail apps will refuse to connect.'),
    ),
    'certificate-own': Problem(
        _('{domain} uses a self-signed certificate.'),
        _("Phones and mail apps will warn or refuse. Get a free certificate from Let's Encrypt."),
    ),
    'certificate-old': Problem(
        _('The certificate for {domain} expires on {date}.'),
        _('Automatic renewal has not worked.'),
    ),
    'apps': Problem(_("Mail apps can't set themselves up for {domain}."), '{sentence}'),
    'apps.setup-warns': Problem(_('Outlook warns when it is set up for {domain}.'), '{sentence}'),
    'apps.ports-shut': Problem(_("Mail apps outside your network can't connect."), '{sentence}'),
    'client-host': Problem(
        _('{host} has no trusted certificate.'),
        _(
            'You chose this name for mail apps. New apps are told another one until you get a '
            'certificate for it.'
        ),
    ),
    'client-host.unnamed': Problem(
        _('{host} has no certificate, because {box_name} lacks the name.'),
        _(
            'You chose this name for mail apps. Add it in Name Services, then get a certificate. '
            'New apps are told another name until then.'
        ),
    ),
    'unchecked': Problem(
        _('The DNS of {domain} has not been checked yet.'),
        _('Other mail servers find {box_name} by its DNS records.'),
    ),
    'records': Problem(
        ngettext(
            '{count} DNS problem for {domain}: {names}.',
            '{count} DNS problems for {domain}: {names}.',
        ),
        _('Records are missing or wrong, or another check failed.'),
    ),
    'reported': Problem('{sentence}', _('Found by the daily DNS check of {domain}.')),
    'port-25-in.reach-shut': Problem(
        _("Other servers can't connect to port 25 of {box_name}."), '{sentence}'
    ),
    'port-25-in.reach-partly': Problem(
        _("Other servers can't connect to port 25 of {box_name} at one of its addresses."),
        '{sentence}',
    ),
    'port-25-in.reach-other': Problem(
        _('Another mail server answers for {box_name} on port 25.'), '{sentence}'
    ),
    'port-25-in.reach-silent': Problem(
        _('Port 25 is open, but no mail server answered there in time.'), '{sentence}'
    ),
    'way-out.port-25-shut': Problem(
        _("Mail can't leave {box_name}: your internet provider blocks port 25."),
        _(
            'There are two ways out: send by a relay, or connect a WireGuard tunnel to a server '
            'that may send.'
        ),
    ),
    'way-out.port-25-partly': Problem(
        _('Mail can only leave {box_name} over IPv6.'),
        _('Many mail servers have no IPv6. Send by a relay, or connect a WireGuard tunnel.'),
    ),
    'relay.login': Problem(_('The relay {relay} rejects the login.'), _RELAY_SAID),
    'relay.sender': Problem(_('The relay {relay} rejects the sender.'), _RELAY_SAID),
    'relay.certificate': Problem(
        _('The certificate of the relay {relay} is not valid.'), _RELAY_SILENT
    ),
    'relay.encryption': Problem(
        _("The connection to the relay {relay} can't be encrypted."), _RELAY_SILENT
    ),
    'relay.unreachable': Problem(_("The relay {relay} can't be reached."), _RELAY_SILENT),
    'relay.other': Problem(_("The relay {relay} doesn't accept mail."), _RELAY_SAID),
    'unreached': Problem(
        _('No other mail server has reached {box_name} yet.'),
        _('Send yourself a message from another mailbox to see whether mail arrives.'),
    ),
    'unreached.open': Problem(
        _('No message from another mail server has arrived yet.'),
        _('Send yourself a message from another mailbox to see whether mail arrives.'),
    ),
    'mail-held': Problem(
        ngettext('{count} message is held.', '{count} messages are held.'),
        _('A mailbox has reached its sending limit. Decide what happens to its messages.'),
    ),
    'queue-old': Problem(
        _WAITING,
        _('Delivery is retried for up to 5 days.'),
    ),
    'queue-old.reason': Problem(
        _WAITING,
        _('Postfix reports: “{reason}”'),
    ),
    'drift-deciding': Problem(
        _('Settings that decide about mail were changed outside this app.'),
        _('Review the changes in {files}.'),
    ),
    'drift-deciding.keys': Problem(
        _('Settings that decide about mail were changed outside this app.'),
        _('Review the changes in {files}: {keys}.'),
    ),
    'drift': Problem(
        _('Mail settings were changed outside this app.'), _('Review the changes in {files}.')
    ),
    'drift.keys': Problem(
        _('Mail settings were changed outside this app.'),
        _('Review the changes in {files}: {keys}.'),
    ),
    'keys': Problem(
        _('A signing key (DKIM) of {domain} is lost.'),
        _(
            'Mail may be treated as spam. Restore a backup of this app, or replace the keys: '
            'the new ones are used as soon as their records are published.'
        ),
    ),
    'undone': Problem(
        _('Settings that protect mail were undone.'),
        _('This app no longer manages these settings: {keys}.'),
    ),
    'room': Problem(
        _('Only {room} MB of disk space left.'),
        _('When the disk is full, new mail is put off until there is space.'),
    ),
    'inodes': Problem(
        _('The disk can hold only {free} percent more files.'),
        _('Each message is a file. When no more fit, new mail is put off.'),
    ),
    'memory': Problem(
        _('Only {free} MB of memory are available.'),
        _('If it runs out, services are stopped. Turn off apps you do not use.'),
    ),
    'spam-lists': Problem(
        _('The lists of the spam filter were last fetched on {date}.'),
        _('More spam may get through. {box_name} must be able to reach maps.rspamd.com.'),
    ),
    'spam-memory': Problem(
        _('The memory of the spam filter is {percent} % full.'),
        _(
            'When it is full, the filter learns nothing more. Users can have it forget what it '
            'learned, or give Redis more memory (maxmemory) in /etc/freedombox-email.'
        ),
    ),
    'backup-none': Problem(
        _('Email has not been backed up yet.'), _('If the disk fails, all mail is lost.')
    ),
    'backup-old': Problem(
        _('The last backup with email was made on {date}.'),
        _('Mail that arrived since is lost if the disk fails.'),
    ),
    'silent': Problem(
        _('No message from another mail server has arrived since {date}.'),
        _('Send yourself a message from another mailbox to see whether mail arrives.'),
    ),
    'unreadable': Problem(
        _("{name} can't read its settings and won't start again."),
        _('{name} reports: “{words}”. Correct this before the next restart.'),
    ),
    'unreadable-sieve': Problem(
        _('A Sieve filter of the mail server has an error.'),
        _('Dovecot reports: “{words}”. Reinstall the package freedombox-email.'),
    ),
    'versions-unknown': Problem(
        _("The versions of the mail services can't be read."),
        _('Reload this page in a minute. If this persists, check for software updates.'),
    ),
    'outdated': Problem(
        _('{package} has known security problems.'),
        _('Version {installed} is installed; {oldest} or later is safe.'),
    ),
    'guards-unknown': Problem(
        _("Can't tell whether addresses that guess passwords are blocked."), _RELOAD
    ),
    'guards-counter': Problem(
        _('Wrong mail passwords are not counted.'),
        _('Mail is working, but passwords can be guessed without limit. Run Repair.'),
    ),
    'guards-blocker': Problem(
        _('Addresses that guess passwords are not blocked.'),
        _('fail2ban is stopped. Guessed mail passwords are still rejected.'),
    ),
    'mail-kept': Problem(
        ngettext(
            '{count} message from a previous owner of {address} is kept.',
            '{count} messages from a previous owner of {address} are kept.',
        ),
        _ADDRESSES,
    ),
    'mail-kept.more': Problem(
        _('More than {count} messages from a previous owner of {address} are kept.'), _ADDRESSES
    ),
}

ANSWERS: dict[str, Phrase] = {
    'works': _('Mail is working.'),
    'warnings': ngettext('Mail is working. {count} warning.', 'Mail is working. {count} warnings.'),
    'disabled': _('Email is turned off.'),
    'cannot-tell': _("Can't tell whether mail is working."),
    'unchecked': _('Mail is working, but not everything could be checked.'),
    'service-down': '{failing}',
    'helper-limits': _("Users can't send mail to other servers."),
    'helper-tls': _('Mail to other servers is queued.'),
    'helper-srs': _('Forwarded mail is put off.'),
    'directory-silent': _("Mail is held, and users can't log in."),
    'no-domain': _('Email needs a domain.'),
    'no-public-domain': _('Mail is working inside your network only.'),
    'no-mailbox': _('No one has a mailbox yet.'),
    'recipients': _('Mail is working, but no one receives mail at {domain} yet.'),
    'certificate': _("Mail is working, but mail apps can't connect to {domain}."),
    'dns-unchecked': _('Mail is working on {box_name}. The DNS of {domain} has not been checked.'),
    'keeps-in': _("Mail can't leave {box_name}."),
    'relay': _('Mail is working, but messages for the relay {relay} are waiting.'),
    'all-kept-out': _('Mail for {domains} is not arriving.'),
    'kept-out': _('Mail is working, but {domain} receives nothing.'),
    'reach-shut': _("Other servers can't connect to port 25 of {box_name}."),
    'reach-other': _('Another mail server answers for {box_name} on port 25.'),
    'unreached': _('Mail is working on {box_name}. No other mail server has reached it yet.'),
    'unreached-open': _('Mail is working on {box_name}. No message from outside has arrived yet.'),
    'drift': _("Can't tell whether all mail is accepted."),
    'room': _('New mail is put off: the disk is nearly full.'),
    'sieve': _('Spam is delivered to the inbox.'),
    'restart': _('Mail will stop at the next restart.'),
}
"""Whether mail works, in one sentence."""

LABELS: dict[str, Phrase] = {
    'repair': _('Repair'),
    'start': _('Start {name}'),
    'add-domain': _('Add domain'),
    'choose': _('Choose for {domain}'),
    'confirm-deletion': _('Confirm deletion of these users'),
    'renew': _('Renew certificate'),
    'get-certificate': _('Get certificate'),
    'check-again': _('Check again'),
    'check-now': _('Check now'),
    'fix-dns': _('Fix DNS'),
    'retry': _('Retry now'),
    'show-held': _('Show held messages'),
    'show-queue': _('Show queue'),
    'show-changes': _('Show changes'),
    'restore': _('Restore settings'),
    'show-keys': _('Show signing keys'),
    'release': _('Restore these settings'),
    'disk-usage': _('Show disk usage'),
    'backups': _('Open Backups'),
    'updates': _('Install updates'),
    'router': _('Show router settings'),
    'security': _('Show security settings'),
    'test-receiving': _('Test receiving'),
    'give': _('Give to {taken_by}'),
    'delete-mail': _('Delete messages'),
    'set-up-sending': _('Choose how mail is sent'),
    'dns-records': _('Show DNS records'),
    'name-services': _('Open Name Services'),
    'date-time': _('Set date and time'),
    'dynamic-dns': _('Set up Dynamic DNS'),
    'connect-device': _('Connect a device'),
    'add-mailbox': _('Add mailbox'),
    'show-addresses': _('Show addresses'),
}
"""The label of a link or a button that solves a problem."""

STEPS: dict[str, Phrase] = {
    'domain': _('Domain'),
    'ports': _('Open ports'),
    'out': _('Sending mail'),
    'dns': _('DNS records'),
    'certificate': _('Certificate'),
    'people': _('Mailboxes'),
    'message': _('Test message'),
    'device': _('First device'),
}
"""The steps from a new app to the first message."""

NEXT: dict[str, str] = {
    'domain': _('Add a domain.'),
    'ports': _('Open the ports, then test them.'),
    'out': _('Test whether mail can leave, or add a relay.'),
    'dns': _('Publish the DNS records.'),
    'certificate': _('Get a certificate.'),
    'people': _('Choose who receives mail.'),
    'message': _('Send yourself a test message.'),
    'device': _('Connect your first device.'),
}
"""The task of a step, for a notification."""

SEEN: dict[str, Phrase] = {
    'domain': _('Email addresses end in @{domain}.'),
    'no-domain': _('Add a domain you own, such as example.org, under System > Name Services.'),
    'needs-domain': _('Needs the domain first.'),
    'unchecked': _('Not checked yet.'),
    'records-right': _('All required records are correct.'),
    'records': ngettext('{count} DNS problem: {names}.', '{count} DNS problems: {names}.'),
    'tested': '{sentence}',
    'open-tested': _(
        'Port 25 is open: another FreedomBox tested it. Ports 80, 443, 465, 587 and 993 are not '
        'tested.'
    ),
    'open-used': _(
        'Port 25 is open: a message arrived. Ports 80, 443, 465, 587 and 993 are not tested.'
    ),
    'public': _(
        '{box_name} has a public address. Ports 25, 80, 443, 465, 587 and 993 must not be blocked '
        'by your provider.'
    ),
    'router-dynamic': _(
        '{box_name} is behind a router. Forward ports 25, 80, 443, 465, 587 and 993 to it. '
        'Dynamic DNS is set up.'
    ),
    'router': _(
        '{box_name} is behind a router. Forward ports 25, 80, 443, 465, 587 and 993 to it.'
    ),
    'router-unsure': _(
        '{box_name} is behind a router. Forward ports 25, 80, 443, 465, 587 and 993 to it. If '
        'your public address changes from time to time, set up Dynamic DNS too.'
    ),
    'port-25-shut': _(
        "Mail can't leave: your internet provider blocks port 25. Send by a relay, or connect a "
        'WireGuard tunnel.'
    ),
    'port-25-partly': _(
        'Mail can only leave over IPv6, and many mail servers have no IPv6. Send by a relay.'
    ),
    'sent': _('A message was delivered to another mail server.'),
    'way-open': _('Port 25 is open for outgoing mail: other mail servers answered.'),
    'way-unknown': _('Not tested yet. Some internet providers block port 25 for outgoing mail.'),
    'relay-unused': _('All mail leaves by a relay. No message has been sent yet.'),
    'no-mailboxes': _('There are no mailboxes yet.'),
    'mailboxes': ngettext('{count} mailbox receives mail.', '{count} mailboxes receive mail.'),
    'trusted': _("Mail apps trust {box_name} (Let's Encrypt)."),
    'needs-dns': _('Needs the DNS records and port 80 first.'),
    'no-certificate': _("Get a free certificate from Let's Encrypt. Port 80 must be open."),
    'log-unread': _("Unknown: the mail log can't be read."),
    'arrived': _('A message arrived from another mail server.'),
    'no-message': _('Send yourself a message from a mailbox of another provider.'),
    'logged-in': _('A mail app has logged in.'),
    'no-device': _('Set up a mail app on your phone or computer.'),
}
"""The observation of a step, or its task."""

PROGRESS: dict[str, str] = {'done': _('Done'), 'next': _('Next'), 'open': _('Not done')}
