# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sentences for reasons of settings of the mail services."""

from ..mark import gettext_noop as _

SENTENCES: dict[str, str | tuple[str, str]] = {
    'program-failed.slow': _('{program} took too long.'),
    'program-failed.not-run': _('{program} could not be started.'),
    'busy': _('Another change is in progress. Try again in a minute.'),
    'changed-meanwhile': _(
        'Someone else edited {path} just now. Their edit is kept and nothing else was changed. '
        'Try again.'
    ),
    'check-failed': _('{program} failed.'),
    'check-failed.copy': _('{path} could not be copied for a check.'),
    'config-unreadable': _(
        'The file {path} has an error in line {line}. Correct it, then try again.'
    ),
    'config-unreadable.whole': _("The file {path} can't be read."),
    'config-unwritable': _(
        "The new settings can't be written to {path}. The file was not changed."
    ),
    'dovecot-refused': _('Dovecot rejected the new settings. Nothing was changed.'),
    'dovecot-unreadable.refused': _(
        "Dovecot can't read its settings and won't start again. Correct the lines named below, "
        'then try again. Nothing was changed.'
    ),
    'file-missing': _('The file {path} is missing.'),
    'file-mounted': _(
        "{path} is mounted from somewhere else, so it can't be replaced. Unmount it, then try "
        'again.'
    ),
    'history-damaged': _('The record of change {number} is damaged.'),
    'history-damaged.original': _('The original in {path} is unreadable.'),
    'history-damaged.unreadable': _('The record of change {number} is unreadable.'),
    'internal-error': _('The change failed. The old settings were restored.'),
    'name-invalid': _('Enter a host or domain name like mail.example.org.'),
    'newer-changes': _(
        "Change {number} can't be undone alone, because {path} was changed again after it."
    ),
    'no-space': _('The disk is full. Free up space, then try again.'),
    'no-space.copy': _('There was not enough disk space to copy {path} for a check.'),
    'no-such-change.not-undone': _('No settings are kept from undoing change {number}.'),
    'not-a-file': _('{path} is not a regular file, or is too large.'),
    'not-a-file.link': _('{path} is a symbolic link. Replace it with a regular file.'),
    'not-undoable': _(
        "Change {number} can't be undone: it follows from the domains, certificates, keys or "
        'the version of this app. Change those instead.'
    ),
    'not-undoable.not-in-force': _('Change {number} is not in force.'),
    'not-writable': _('The file {path} could not be read or written.'),
    'path-not-plain': _('{path} has an unexpected type, owner or location.'),
    'pins-damaged': _(
        'The file {path} is unreadable. Remove it to let the app manage all settings again.'
    ),
    'port-silent': _('{port} sent an unexpected answer, or none.'),
    'postfix-refused': _('Postfix rejected the new settings. Nothing was changed.'),
    'postfix-unreadable.refused': _(
        "Postfix can't read its settings and won't start again. Correct the lines named below, "
        'then try again. Nothing was changed.'
    ),
    'reload-failed': _('{unit} could not load the new settings.'),
    'rollback-failed': _(
        'The change failed, and the old settings could not be restored yet. The next change or '
        'restart tries again.'
    ),
    'rspamd-refused': _('Rspamd rejected the new settings. Nothing was changed.'),
    'rspamd-unreadable.refused': _(
        "Rspamd can't read its settings and won't start again. Correct the lines named below, "
        'then try again. Nothing was changed.'
    ),
    'sieve-failed': _(
        'The Sieve filter {script} has an error. Reinstall freedombox-email, then try again.'
    ),
    'undo-unsafe': _(
        'Undoing change {number} may remove settings that protect mail. Review the settings '
        'listed here, and use --unsafe to undo the change anyway.'
    ),
    'unit-failed': _('{unit} is not running.'),
    'unknown-owner': _('The user or group of {path} does not exist.'),
    'upload-failed': _('The file could not be stored. Check the free disk space.'),
    'upload-missing': _('The uploaded file has expired. Choose it again.'),
}
