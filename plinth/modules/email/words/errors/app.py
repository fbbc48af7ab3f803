# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of pages and operations."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'detailed': _('{why} {detail}'),
    'certificate-refused': _(
        "Let's Encrypt issued no certificate for {domain}. Usually this is because port 80 of "
        '{domain} does not lead to FreedomBox. The details name the reason.'
    ),
    'choice-invalid.format': _('Choose csv or yaml as the format.'),
    'domain-invalid.primary': _('{domain} is the primary domain: every user has a mailbox there.'),
    'domain-missing.named': _('{why}'),
    'entry-changed.import': _(
        'Someone else made changes, so nothing was imported. Review what the file would change now.'
    ),
    'entry-changed.missing-users': _(
        'The list of missing users has changed. Review it, then confirm again.'
    ),
    'quiet-hours-invalid': _('Choose full hours from 0 to 23.'),
    'import-failed': _('The import failed. See the system log for the reason.'),
    'import-running': _('Another import is in progress. Try again when it has finished.'),
    'mail-missing.deleted': _('This mail is no longer stored.'),
    'site-invalid.too-many': _(
        'The file has more than {most} entries, which is too many for this page. Use the '
        'command “freedombox-email import”.'
    ),
    'notice-address-inside': _(
        'Enter an address at another provider. Mail to {domain} stays on this server.'
    ),
    'notice-code-missing': _('This code has expired. Save the address again to get a new one.'),
    'notice-code-wrong': _('That is not the code in the message.'),
    'notice-not-sent': _(
        'No message could be sent to {address}. Check the address, then outgoing connections '
        '(port 25) on the page Health.'
    ),
    'period-invalid': _('Choose monthly or weekly.'),
    'report-invalid': _('There is no such report.'),
    'span-invalid': _('Choose day, week or month.'),
    'step-missing': _('The setup has no such step.'),
    'unchanged': _('The mail services were not changed. {why}'),
    'undo-missing': _('Nothing to undo.'),
    'undo-missing.administrator': _('Only an administrator can undo this.'),
    'upload-missing.none': _('Choose a file first.'),
    'webmail-incomplete': _('The filters page of Roundcube is not installed.'),
}
