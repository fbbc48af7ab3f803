# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences of pages, as far as no template has them."""

from django.utils.translation import gettext_lazy as _

from .mark import ngettext_noop as ngettext

ACCEPTS_LISTED = _('Accepts mail for the addresses listed here.')
ALIAS_CREATED = _('Created {address}. It already accepts mail.')
ALIAS_EXPIRED = _('It has expired, so mail to it is rejected.')
ALIAS_OFF = _('It is turned off, so mail to it is rejected.')
ALIAS_REMOVED = _('Removed {address}. New mail to it is rejected.')
BELONGS_TO_USER = _('Belongs to the user {name} (FreedomBox password or app passwords).')
CATCH_ALL_OFF = _('Mail to all other addresses at {domain} is rejected.')
CHANGED_MEANWHILE = _('Someone else changed this. Review it, then try again.')
CHECKED_AGO = _('Checked {time} ago.')
CHECKED_JUST_NOW = _('Checked just now.')
CHECKS_INCOMPLETE = _('Some checks for {domain} could not be completed.')
DELETE_MAIL = _('Permanently delete the mail of {address}?')
DELIVERED_BELOW = _('Mail to it is delivered to the addresses below.')
DELIVERED_HERE = ngettext(
    'Delivered to {here} local mailbox.', 'Delivered to {here} local mailboxes.'
)
DELIVERED_OUTSIDE = ngettext(
    'Delivered to {there} external address.', 'Delivered to {there} external addresses.'
)
DELIVERED_TO_BOTH = _('Delivered to: {mailboxes}, {addresses}.')
DMARC_CHANGED = _('Changed the policy. Publish the new DMARC record to make it effective.')
DNS_NOT_CHECKED = _('Its DNS has not been checked yet.')
DNS_PROBLEMS = ngettext('{count} DNS problem: {names}.', '{count} DNS problems: {names}.')
DOMAIN_ADDED = _('Added {name}. It receives mail once its DNS records are in place.')
DOMAIN_GONE = _(
    '{box_name} no longer has this domain name, so its mail is rejected. Add it again under '
    'System > Name Services.'
)
DOMAIN_NOT_CHECKED = _('{domain} has not been checked yet.')
DOMAIN_OFF = _('The domain is off. Mail to it is rejected.')
DOMAIN_REMOVED = _('Removed {name}. Mail stored in its mailboxes is kept.')
DOMAIN_SAVED = _('Saved the settings of {name}.')
FIX_LINES = _('Fix these lines and upload the file again. Nothing was imported.')
FORWARD_OFF = _('Your mail is not forwarded.')
GIVES_MAILBOXES = _('Every user has a mailbox in this domain.')
IMPORTED_ADDED = _('Imported: {added} added.')
IMPORTED_BOTH = _('Imported: {added} added, {changed} changed.')
IMPORTED_CHANGED = _('Imported: {changed} changed.')
IS_ALIAS_DOMAIN = _('Alias of {domain}: all its addresses work here too.')
KEYS_REQUESTED = _('Requested new signing keys.')
LOGGED_IN_ALREADY = _('You are logged in as {name}. Log out before you sign in to another mailbox.')
MAILBOX_OFF = _('Logins and new mail are rejected. Stored mail is kept.')
MAILBOX_REMOVED = _('Removed the mailbox {address}. Its mail is kept until you delete it.')
MAIL_DELETED = _('Permanently deleted the mail of {address}.')
TELLING_OUTSIDE = _('Problems are now reported to {address} too.')
MAIL_GIVEN = _('The earlier messages are now in the mailbox {address}.')
MTA_STS_CHANGED = _(
    'Changed the policy of {domain}. Update its MTA-STS record: its id has changed.'
)
NO_CONSOLE = _('The spam filter has no web console on this server.')
NONE_OFF = _('Mailboxes and aliases that are turned off or have expired are listed here.')
NOTHING_TO_IMPORT = _('{title} contains nothing new.')
NOT_ARRIVING = _('Mail from other servers is not arriving: {names}.')
NOT_CHECKED_YET = _('Not checked yet.')
NOT_DELIVERED = _('Mail to it is not delivered to any mailbox.')
NO_ALIASES_YET = _(
    'An alias is one more address for a mailbox, or one address for several people, such as '
    'sales@ or family@.'
)
NO_DOMAINS_YET = _(
    'Email addresses end in a domain, such as example.org. Add one, and every FreedomBox user '
    'gets an address in it.'
)
NO_MAILBOXES_YET = _(
    'Every FreedomBox user gets a mailbox as soon as there is a domain. You can add mailboxes '
    'for other people, and aliases.'
)
NO_MAIL_HERE = _(
    'No one receives mail here, as you chose. Only the standard addresses such as postmaster work.'
)
OWN_ALIAS = _('You receive mail for it and can send from it.')
OWN_ALIAS_CREATED = _('Created {address}. You receive mail for it.')
OWN_PASSWORD = _('Login: this address, with its own password.')
PASSWORD_REVOKED = _('Revoked the password for “{label}”.')
PRIMARY_CHANGED = _('{name} is the primary domain now. Every user has a mailbox in it.')
PROCESSED = _('Mail to it is processed automatically.')
PUBLIC_ADDRESS = _('The public IP address is {addresses}.')
RECIPIENTS_NONE = _('No one receives mail at {domain}. You can change that at any time.')
RECIPIENTS_PEOPLE = _('Every user gets a mailbox at {domain}.')
RECIPIENTS_SAME = _('Every address of {primary} now works at {domain} too.')
RECIPIENTS_UNDECIDED = _(
    'You have not chosen who receives mail here. Mail to this domain is rejected.'
)
RECORDS_CORRECT = _('All required records for {domain} are correct.')
RECORDS_PUBLISHED = _('Published the records.')
RECORDS_THERE = _('Your name server already has all these records.')
REJECTED = _('Mail to it is rejected, and the sender gets an error message.')
REMOVE_MAILBOX = _('Remove the mailbox {key}?')
RESTORED = ngettext(
    'Restored {count} message into the folder “{folder}”.',
    'Restored {count} messages into the folder “{folder}”.',
)
RESULT_LOST = _(
    "The web interface was restarted, so the result of the import isn't known. These changes "
    'are still to be made.'
)
RETRYING = _('Retrying all queued messages.')
RETRY_FAILED = _('Could not retry the queued messages.')
REVOKE_PASSWORD = _('Revoke the password for “{label}”?')
SHARED_BY = ngettext('Shared by {count} member.', 'Shared by {count} members.')
SIGNED_OUT = _('You are signed out.')
SIGN_IN_HINT = _(
    'Do you have a mailbox here, but no account? <a href="{url}">Sign in to your mailbox</a>.'
)
STANDARD_ADDRESS = _('Standard address. Delivered to the first administrator unless you change it.')
TOO_MANY_TRIES = ngettext(
    'Too many wrong tries. Wait {minutes} minute, then try again.',
    'Too many wrong tries. Wait {minutes} minutes, then try again.',
)
UPDATES_DELETED = _('Deleted the DNS server settings and the TSIG secret.')
UPDATES_SET_UP = _('Automatic updates are set up.')
USERS_GONE = _('Turned off their mailboxes. Their mail is kept.')
USER_DELETED = _(
    'The user {name} was deleted. New mail is rejected; stored mail is kept until you remove '
    'the mailbox.'
)
WHO_RECEIVES = _('Who receives mail at {domain}?')
CATCH_ALL_SET = _('Mail to all other addresses at {domain} is delivered to: {to}')
NO_POLICY = _('There is no policy here.')
NO_SETTINGS = _('There are no settings here.')
