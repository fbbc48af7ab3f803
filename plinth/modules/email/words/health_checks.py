# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names of the checks of Health, their groups, and the sentences when all is well."""

from dataclasses import dataclass

from .mark import gettext_noop as _
from .mark import ngettext_noop as ngettext
from .text import Phrase


@dataclass(frozen=True)
class CheckWords:
    """A check in words: its title, and the sentence when all is well."""

    title: Phrase
    works: Phrase
    many: Phrase = ''
    """The title of further ones of its kind that work."""
    general: str = ''
    """The title where it is not known which there are."""


GROUPS: dict[str, str] = {
    'services': _('Services'),
    'mail': _('Incoming and outgoing mail'),
    'domains': _('Domains'),
    'box': _('Settings and system'),
}
"""The headings on the page, by the names of groups."""

CHECKS: dict[str, CheckWords] = {
    'service': CheckWords('{name}', '{does}'),
    'helpers': CheckWords(_('Background services'), _('All of them are running.')),
    'files': CheckWords(
        _('Next start of the services'), _('All mail services can read their settings.')
    ),
    'guards': CheckWords(
        _('Protection against guessed passwords'), _('Addresses that guess passwords are blocked.')
    ),
    'versions': CheckWords(
        _('Security updates'), _('No installed mail service has known security problems.')
    ),
    'incoming': CheckWords(
        _('Incoming mail (port 25)'), _('The last message from another mail server was accepted.')
    ),
    'outgoing': CheckWords(_('Outgoing connections (port 25)'), _('Mail can leave {box_name}.')),
    'relays': CheckWords(_('Relays'), _('No message is waiting for a relay.')),
    'silence': CheckWords(
        _('Last message from outside'), _('A message from another mail server arrived.')
    ),
    'queue': CheckWords(_('Mail queue'), _('No message has been waiting for more than an hour.')),
    'held': CheckWords(_('Held messages'), _('No message is held.')),
    'lists': CheckWords(_('Block lists'), '{sentence}'),
    'reverse': CheckWords(_('Reverse DNS (PTR)'), '{sentence}'),
    'ports': CheckWords(_('Ports for mail apps (443, 465, 587 and 993)'), '{sentence}'),
    'directory': CheckWords(
        _('User directory (LDAP)'), _('There is a public domain, and there are mailboxes.')
    ),
    'recipients': CheckWords(
        _('Recipients'), _('You have chosen who receives mail at each domain.')
    ),
    'records': CheckWords(
        _('DNS records of {about}'),
        _('All required records are correct.'),
        ngettext('DNS records of {count} other domain', 'DNS records of {count} other domains'),
        _('DNS records'),
    ),
    'certificate': CheckWords(
        _('Certificate for {about}'),
        _('It is valid, and mail apps trust it.'),
        ngettext('Certificate for {count} other name', 'Certificates for {count} other names'),
        _('Certificates'),
    ),
    'client-hosts': CheckWords(_('Names for mail apps'), _('Each chosen name has a certificate.')),
    'keys': CheckWords(
        _('Signing keys (DKIM) of {about}'),
        _('The private keys are here, so outgoing mail is signed.'),
        ngettext(
            'Signing keys (DKIM) of {count} other domain',
            'Signing keys (DKIM) of {count} other domains',
        ),
        _('Signing keys (DKIM)'),
    ),
    'apps': CheckWords(
        _('Mail app setup for {about}'),
        _('Mail apps find their settings.'),
        ngettext(
            'Mail app setup for {count} other domain', 'Mail app setup for {count} other domains'
        ),
        _('Mail app setup'),
    ),
    'drift': CheckWords(_('Mail settings'), _('All settings have their expected values.')),
    'undone': CheckWords(_('Protection of mail'), _('No setting that protects mail was undone.')),
    'room': CheckWords(_('Disk space'), _('{room} GB are free for mail.')),
    'inodes': CheckWords(_('Number of files'), _('There is room for more files.')),
    'memory': CheckWords(_('Memory'), _('{free} MB are available.')),
    'clock': CheckWords(_('Clock'), _('It is right.')),
    'spam-lists': CheckWords(_('Lists of the spam filter'), _('They are up to date.')),
    'spam-memory': CheckWords(_('Memory of the spam filter'), _('There is room for more.')),
    'backup': CheckWords(_('Backup'), _('A backup with email was made.')),
    'drill': CheckWords(_('Restore test'), _('A backup was restored as a test.')),
    'resolver': CheckWords(_('Name resolver (DNSSEC)'), '{sentence}'),
    'users': CheckWords(_('Users'), _('No user with a mailbox is missing.')),
    'kept': CheckWords(
        _('Mail of previous owners'), _('No mail of a previous owner waits for a decision.')
    ),
}
"""The checks by their names, in the order of the page."""

UNSEEN: dict[str, str] = {
    'unseen-inodes': _("The number of files can't be read."),
    'unseen-memory-mb': _("The free memory can't be read."),
    'unseen-synchronized': _("The state of the clock can't be read."),
    'unseen-spam-lists': _("The lists of the spam filter can't be read."),
    'unseen-spam-memory': _("The memory of the spam filter can't be read."),
    'unseen-backup': _("The time of the last backup can't be read."),
    'unchecked': _('This has not been checked yet.'),
    'no-apps': _('No mail app was seen to find its settings automatically.'),
    'no-spam-lists': _('The spam filter has not fetched any lists yet.'),
    'no-drill': _('No backup has been restored as a test.'),
    'untested': _('Only another server can test this, and none has so far.'),
}
"""Why a check is unknown, where no problem says so."""
