# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of the mail directory."""

from ..mark import gettext_noop as _
from ..mark import ngettext_noop as ngettext

SENTENCES: dict[str, str | tuple[str, str]] = {
    'memory-file-invalid': _('This is no file of what a spam filter learned, or it is damaged.'),
    'memory-invalid': _('The name of what the spam filter learned is damaged. Re-run setup.'),
    'address-in-use': _(
        '{address} is used by these aliases: {aliases}. Change them first, or force the removal.'
    ),
    'address-in-use.more': ngettext(
        '{address} is used by {count} alias, for example {aliases}. Change it first, or force the '
        'removal.',
        '{address} is used by {count} aliases, for example {aliases}. Change them first, or force '
        'the removal.',
    ),
    'address-invalid': _('Enter an address like alice@example.org.'),
    'address-invalid.alias-domain': _(
        '{name} is an alias of {alias_of}. Create the address there.'
    ),
    'address-invalid.character': _("The character {character} can't be used before the @."),
    'address-invalid.dots': _(
        "The name before the @ can't start or end with a dot or have two dots in a row."
    ),
    'address-invalid.hyphen': _("An address can't start with a hyphen."),
    'address-invalid.invisible': _(
        "An address can't contain spaces, control characters or invisible characters."
    ),
    'address-invalid.long-name': _('The part before the @ is too long (at most {most} bytes).'),
    'address-invalid.named': _(
        '“{address}” is not an email address. Enter an address like alice@example.org.'
    ),
    'address-invalid.no-name': _('Missing name before the @.'),
    'address-invalid.plus': _(
        'Leave out the + part: mail to alice+shop@example.org already reaches alice@example.org.'
    ),
    'address-invalid.star': _("An email address can't contain the wildcard *."),
    'address-invalid.too-long': _('The address is too long (at most {most} bytes).'),
    'address-reserved': _(
        '{address} is reserved for the administrators of the domain. Choose another name.'
    ),
    'address-taken': _('{address} looks too similar to an address of someone else.'),
    'alias-exists': _('There is already an alias {address}.'),
    'alias-exists.address-used': _('The address {address} is already in use.'),
    'alias-exists.key': _('{key} already exists.'),
    'alias-exists.line': _('{key} is already on an earlier line.'),
    'alias-in-use': _(
        "{address} is a standard address and can't be removed. To choose who gets its mail, add "
        'an alias with this address.'
    ),
    'alias-loop': _('This would create a loop: {through} forwards back to {address}.'),
    'alias-loop.self': _("An address can't forward to itself."),
    'alias-missing.key': _('There is no alias {key}.'),
    'alias-owner-unknown': _(
        'The owner of the alias {alias} is uncertain, so it has no owner now. Recorded owner: '
        '{user}.'
    ),
    'choice-invalid': _('Enter yes, no or default.'),
    'choice-invalid.greylisting': _('Choose on or off.'),
    'choice-invalid.list': _('Choose what to change.'),
    'days-invalid': _('Enter a number of days up to {most}, or “never”.'),
    'destination-invalid.none': _('Enter at least one destination.'),
    'destination-invalid.too-many': _('An alias can have at most {most} destinations.'),
    'destination-invalid.too-many-forwards': _(
        'Mail can be forwarded to at most {most} addresses.'
    ),
    'destination-missing': _('There is no address {through} on this server.'),
    'destination-repeated': _('A destination is listed twice.'),
    'destination-repeated.named': _('{repeated} is listed twice.'),
    'directory-busy': _('Another change is in progress. Try again in a minute.'),
    'directory-down': _("The user directory (LDAP) isn't answering. Check that slapd is running."),
    'directory-failed': _('The user directory (LDAP) reported an error.'),
    'directory-not-set-up': _('The user directory (LDAP) is not set up. Set up FreedomBox first.'),
    'directory-refused': _('Only root can change the directory.'),
    'directory-refused.root': _('The user directory rejected the change. Only root can change it.'),
    'domain-exists.key': _('{key} already exists.'),
    'domain-exists.line': _('{key} is already on an earlier line.'),
    'client-host-invalid': _('Enter a name below the domain, like mail.{domain}.'),
    'domain-in-use': _(
        '{domain} is in use: mailboxes {mailboxes}, aliases {aliases}, alias domains '
        '{alias_domains}. Remove these first, or force the removal.'
    ),
    'domain-in-use.freedombox': _(
        '{domain} is managed by FreedomBox. Remove it under System > Name Services.'
    ),
    'domain-in-use.no-alias': _(
        "{domain} can't become an alias of another domain: it has its own mailboxes or aliases, "
        'has alias domains, or is the primary domain.'
    ),
    'domain-invalid': _('Enter a domain like example.org.'),
    'domain-invalid.alias-of-alias': _(
        '{alias_of} is itself an alias. Choose the domain it belongs to.'
    ),
    'domain-invalid.alias-of-itself': _("A domain can't be an alias of itself."),
    'domain-invalid.missing': _('Missing domain after the @.'),
    'domain-invalid.named': _(
        '“{domain}” is not a valid domain name. Enter a domain like example.org.'
    ),
    'domain-invalid.not-full': _(
        '“{domain}” is not a full domain name. Enter a domain like example.org.'
    ),
    'domain-invalid.too-long': _('The domain name is too long (at most {most} characters).'),
    'domain-invalid.unnamed': _(
        'This is not a valid domain name. Enter a domain like example.org.'
    ),
    'domain-missing': _('There is no domain {domain}.'),
    'domain-missing.add-first': _(
        '{name} is not a mail domain on this server. Add the domain first.'
    ),
    'domain-missing.key': _('There is no domain {key}.'),
    'domain-off': _(
        '{domain} is off: FreedomBox no longer has this domain. Add it again under System > Name '
        'Services.'
    ),
    'entry-changed': _('Someone else changed {key}. Review it, then try again.'),
    'entry-changed.other': _('Someone else changed this. Review it, then try again.'),
    'entry-changed.primary-domain': _(
        'Someone else changed the primary domain. Review it, then try again.'
    ),
    'entry-exists': _('This entry already exists in the directory.'),
    'entry-invalid': _('An entry of the mail directory is invalid.'),
    'entry-invalid.app-password': _(
        'An app password in the mail directory has no hash or no purpose.'
    ),
    'entry-missing': _('There is no such entry in the directory.'),
    'expiry-invalid.ended': _('{address} has expired. Choose a later end date to turn it on.'),
    'expiry-invalid.role': _("{address} is a standard address and can't expire."),
    'expiry-invalid': _('The expiry date is in the past.'),
    'forward-denied': _(
        "Mail of {address} can't be forwarded to {destination}: forwarding to other mail servers "
        'is turned off. An administrator can allow it.'
    ),
    'hours-invalid': _('Enter a time from 1 hour to 14 days.'),
    'junk-score-invalid': _(
        'Choose strict, usual or lenient, or enter a number from {least} to {most}.'
    ),
    'key-invalid': _('Unknown password ID.'),
    'key-invalid.rename': _("{key} can't be renamed."),
    'label-invalid': _('Enter a device name.'),
    'ldif-invalid': _('The file is not a backup of the mail directory. Nothing was changed.'),
    'limit-invalid': _('Enter a number from 0 to {most}.'),
    'limit-reached': _('You have reached your limit of addresses. Remove one first.'),
    'limit-reached.administrators': _('Only administrators can create addresses in {domain}.'),
    'limit-reached.app-passwords': _(
        'There can be at most {most} app passwords. Revoke one first.'
    ),
    'limit-reached.domain': _(
        'You have reached your limit of {limit} addresses in {domain}. Remove one first.'
    ),
    'handover-invalid': _('Choose a day, and who leaves or joins.'),
    'handover-invalid.past': _('Choose today or a later day.'),
    'list-invalid.line': _(
        'Nothing was changed. Line {number} (“{text}”) is neither an address nor a domain.'
    ),
    'list-too-long': _('This list is too long (at most {most} entries).'),
    'login-invalid': _('Wrong address or password.'),
    'login-invalid.account': _('This is not the password of your account.'),
    'login-invalid.mailbox': _('This is not the password of your mailbox.'),
    'login-invalid.short-login': _('The short login must be the user name of the owner.'),
    'login-twice': _(
        'Two mailboxes had the short login {login}. It now opens {address} instead of {other}.'
    ),
    'mail-not-set-up': _('Email is not set up. Install the Email app first.'),
    'mailbox-exists': _('There is already a mailbox {address}.'),
    'mailbox-exists.key': _('{key} already exists.'),
    'mailbox-exists.line': _('{key} is already on an earlier line.'),
    'mailbox-in-use': _('{address} belongs to the FreedomBox user {user}. Delete the user first.'),
    'mailbox-missing': _('You have no mailbox. Ask your administrator.'),
    'mailbox-missing.key': _('There is no mailbox {key}.'),
    'name-invalid.user': _(
        "This user name looks like an email address and can't be used for email. Change it to "
        'one without an @.'
    ),
    'operator-missing': _(
        'No administrator has a mailbox, so mail to postmaster and abuse is not delivered.'
    ),
    'origin-invalid': _('An entry of the mail directory has an unknown origin.'),
    'member-invalid': _('A member must be a FreedomBox user or a mailbox with its own password.'),
    'member-invalid.guarded': _(
        "{address} approves mail for {member}, whose user can't be a member of it."
    ),
    'member-invalid.itself': _("{address} can't be a member of itself."),
    'member-invalid.rights': _('Enter read, and any of write and send, separated by commas.'),
    'member-invalid.stranger': _('Only members can have rights in a shared mailbox.'),
    'member-missing': _('There is no user or mailbox {member}.'),
    'member-missing.here': _('{member} is not a member of {address}.'),
    'member-repeated': _('A member is named twice.'),
    'owner-invalid': _("The owner of a mailbox can't be changed."),
    'owner-invalid.both': _('A mailbox can have an owner or its own password, but not both.'),
    'owner-invalid.deleted': _(
        '{address} belonged to the FreedomBox user {user}, who was deleted.'
    ),
    'owner-invalid.password': _(
        '{address} belongs to the FreedomBox user {user}. Change the password under System > '
        'Users and Groups.'
    ),
    'owner-invalid.user': _('{address} belongs to a FreedomBox user.'),
    'password-exists.key': _('{key} already exists.'),
    'password-failed': _('The password could not be hashed. Check that slapd is installed.'),
    'password-invalid.control': _("A password can't contain control characters."),
    'password-invalid.invisible': _("A password can't contain invisible characters."),
    'password-invalid.like-address': _('This password is too similar to the address.'),
    'password-invalid.too-long': _('Use at most {most} characters.'),
    'password-invalid.too-short': _('Use at least {least} characters.'),
    'password-missing.key': _('There is no app password {key}.'),
    'path-invalid': _(
        'Mail to {address} would be forwarded more than {most} times, through {through}. Deliver '
        'it to the final address directly.'
    ),
    'pattern-invalid': _('Add text before the *.'),
    'pattern-invalid.separator': _(
        'Add one of the characters {separators} before the *, for example shop-*@example.org. '
        'Otherwise it would match longer names too.'
    ),
    'pattern-invalid.star': _('Put the * directly before the @, for example shop-*@example.org.'),
    'pattern-invalid.too-many': _(
        'Use at most {most} of the characters {separators} before the *.'
    ),
    'policy-invalid': _('Choose one of these policies: {policies}.'),
    'primary-missing': _('There is no primary mail domain yet. Choose one.'),
    'reconcile-due': _(
        'The mailboxes do not match the FreedomBox users yet. Run: freedombox-email reconcile'
    ),
    'quota-invalid': _('Enter a size like 500 MB or 2 GiB, or “unlimited”.'),
    'quota-invalid.range': _('Enter a size from 1 MB to 1024 TiB.'),
    'reset-invalid': _(
        'This link has expired or was already used. Ask your administrator for a new one.'
    ),
    'sender-missing': _('{sender} is not a mailbox on this server.'),
    'session-invalid': _('You are signed out. Sign in again.'),
    'site-invalid.cells': _(
        'There are more cells than columns. Separate several addresses with spaces, or put the '
        'cell in quotation marks.'
    ),
    'site-invalid.column-twice': _(
        'Line {line}: The column “{column}” appears twice. Put several values into one cell, '
        'with spaces between them.'
    ),
    'site-invalid.columns': _(
        'The first line must name the columns, including address and destinations.'
    ),
    'site-invalid.csv': _('This is not a valid CSV file: line {line} is unreadable.'),
    'site-invalid.hash': _('A hashed password must start with {{ARGON2}}, {{SSHA}} or {{CRYPT}}.'),
    'site-invalid.line': _('Nothing was changed. Line {line}: {why}'),
    'site-invalid.lines': ngettext(
        'Nothing was changed: {count} line has errors. Line {line}: {why}',
        'Nothing was changed: {count} lines have errors. Line {line}: {why}',
    ),
    'site-invalid.lists': _('The file can only contain these lists: {lists}.'),
    'site-invalid.missing-field': _('The field “{field}” is missing.'),
    'site-invalid.no-fields': _(
        'Each entry in {list} must have fields, for example “- {field}: …”.'
    ),
    'site-invalid.number': _('Enter a number.'),
    'site-invalid.references': _("References (*name) can't be used in this file."),
    'site-invalid.too-large': _('The file is too large.'),
    'site-invalid.unknown-field': _('Unknown field “{field}”.'),
    'site-invalid.yaml': _('This is not a valid YAML file.'),
    'site-invalid.yes-no': _('Enter yes or no.'),
    'sender-invalid': _('Enter an address like alice@example.org, or a domain like example.org.'),
    'share-invalid.address': _("{address} can't be shared, because it contains a question mark."),
    'share-invalid.owned': _(
        "{address} is the personal mailbox of {user}. Personal mailboxes can't be shared."
    ),
    'text-invalid': _(
        "This text can't contain line breaks, control characters or invisible characters."
    ),
    'text-invalid.too-long': _('This text is too long (at most {most} characters).'),
    'time-invalid': _('Enter a date like 2027-01-31, or with a time like 2027-01-31T18:00.'),
    'tree-foreign': _('The file is not a backup of the mail directory. Nothing was changed.'),
    'user-invalid': _('Enter the name of a FreedomBox user.'),
    'user-invalid.like-address': _(
        '{user} gets no address and no short login, because the user name looks like an email '
        'address. Change it under System > Users and Groups.'
    ),
    'user-invalid.no-mailbox': _("{user} can't have a mailbox. {why}"),
    'user-invalid.unknown': _('Unknown FreedomBox user.'),
    'user-missing': _('There is no such FreedomBox user.'),
    'user-missing.named': _('There is no FreedomBox user {user}.'),
    'user-missing.someone-else': _('This user name now belongs to someone else.'),
    'user-no-address.reserved': _(
        '{address} is reserved, so {user} does not get it. Mail for this user still arrives at '
        '{mailbox}.'
    ),
    'user-no-address.used': _(
        '{address} is already in use, so {user} does not get it. Mail for this user still '
        'arrives at {mailbox}.'
    ),
    'user-no-mailbox': _(
        '{user} has no mailbox, because the address {address} belongs to someone else.'
    ),
    'user-reserved': _(
        '{user} has no mailbox, because {address} is reserved. Add the mailbox for this user, '
        'or change the user name.'
    ),
    'users-missing': _(
        'FreedomBox users are missing: {users}. Their mailboxes and app passwords are kept. To '
        'confirm that they were deleted, run: freedombox-email reconcile --users-are-gone'
    ),
    'value-invalid': _('The user directory rejected this value.'),
}
