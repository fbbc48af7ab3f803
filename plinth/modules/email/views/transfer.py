# SPDX-License-Identifier: AGPL-3.0-or-later
"""Import and export: downloads, a file to import, its changes, and its progress."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from .. import privileged
from ..directory import export
from ..directory.store import Store
from ..directory.verbs.bulk import ChangeSummary, ImportPreview, ImportSummary
from ..errors import MailError
from ..forms.base import MailForm
from ..forms.transfer import ImportForm
from ..operations import imports
from ..status import State
from ..sync import signals
from ..words import pages
from ..words.text import Text
from .editing import Editing
from .page import Page, call
from .shown import ShownState

MOST_CHANGES = 25
MOST_FAULTS = 100
MOST_ITEMS = 3
LONGEST_VALUE = 120

_LABELS: dict[str, Text] = {
    'destinations': gettext_lazy('Deliver to'),
    'enabled': gettext_lazy('Active'),
    'owner': gettext_lazy('Belongs to'),
    'senders': gettext_lazy('Allowed senders'),
    'expires': gettext_lazy('Expires'),
    'note': gettext_lazy('Note'),
    'forwards': gettext_lazy('Forward a copy to'),
    'alias_of': gettext_lazy('Alias of'),
    'user_mailboxes': gettext_lazy('Create a mailbox for every user'),
    'user_aliases': gettext_lazy('Addresses each user can create'),
    'route': gettext_lazy('Way of sending'),
    'host': gettext_lazy('Server'),
    'port': gettext_lazy('Port'),
    'login': gettext_lazy('User name'),
    'backups': gettext_lazy('Relays to try if this one is down'),
}
_KINDS: dict[str, Text] = {
    'domain': gettext_lazy('domain'),
    'mailbox': gettext_lazy('mailbox'),
    'relay': gettext_lazy('relay'),
    'route': gettext_lazy('way of sending'),
}
"""Kinds that are named, as most entries are aliases."""
_UNSAID = (('enabled', True), ('user_aliases', 0))
"""Values of every new entry that are not shown."""


@dataclass(frozen=True)
class Field:
    """One field of an entry that would change; `before` is '' where it says nothing yet."""

    label: Text
    before: str
    after: str


@dataclass(frozen=True)
class ShownChange:
    """One entry that would be added or changed."""

    key: str
    kind: Text
    is_new: bool
    fields: tuple[Field, ...]


def _words(value: Any) -> str:
    """A value as people read it, cut where it is long."""
    if isinstance(value, bool):
        return str(_('yes') if value else _('no'))
    if isinstance(value, tuple):
        shown = ', '.join(str(item) for item in value[:MOST_ITEMS])
        more = len(value) - MOST_ITEMS
        return _('{some} and {more} more').format(some=shown, more=more) if more > 0 else shown
    return str(Truncator(str(value)).chars(LONGEST_VALUE)) if value or value == 0 else ''


def shown_change(change: ChangeSummary) -> ShownChange:
    """A change as a page shows it."""
    is_new = change.verb == 'add'
    fields = [
        Field(_LABELS[name], '' if is_new else _words(before) or _('(empty)'),
              _words(after) or _('(empty)'))
        for name, (before, after) in change.differences.items()
        if name in _LABELS and not (is_new and (not after or (name, after) in _UNSAID))
    ]  # fmt: skip
    if change.password and not is_new:
        fields.append(Field(_('Password'), '', _('changed')))
    return ShownChange(change.key, _KINDS.get(change.kind, ''), is_new, tuple(fields))


def counted(found: ImportSummary, both: Text, added: Text, changed: Text) -> str:
    """How much is added and changed, in the one of these texts that fits."""
    text = (both if found.changed else added) if found.added else changed
    return str(text).format(added=found.added, changed=found.changed)


def to_import(found: ImportSummary) -> str:
    """How much an import would add and change, in words."""
    return counted(found, _('{added} to add, {changed} to change'), _('{added} to add'),
                   _('{changed} to change'))  # fmt: skip


def imported(done: ImportSummary) -> str:
    """How much an import added and changed, in one sentence."""
    return counted(done, pages.IMPORTED_BOTH,
                   pages.IMPORTED_ADDED, pages.IMPORTED_CHANGED)  # fmt: skip


def of_preview(found: ImportSummary, title: str) -> ShownState | None:
    """The reason why there is nothing to import, None if there is something."""
    if found.wrong:
        word = ngettext(
            '{number} line has an error', '{number} lines have errors', found.wrong
        ).format(number=found.wrong)
        return ShownState(
            State.BROKEN, word,
            pages.FIX_LINES,
        )  # fmt: skip
    if not found.added + found.changed:
        return ShownState(
            State.WORKS, _('No changes'),
            pages.NOTHING_TO_IMPORT.format(title=title),
        )  # fmt: skip
    return None


class Transfer(Editing):
    """The downloads, and the form for a file to import."""

    title = gettext_lazy('Import and export')
    template_name = 'email-transfer.html'
    form_class = ImportForm
    submit = gettext_lazy('Preview import')
    back = 'aliases'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether an import is left to look at."""
        return super().get_context_data(begun=imports.is_begun(self.request), **kwargs)

    def save(self, form: ImportForm) -> HttpResponse:
        """Keep the file and show its changes."""
        imports.hold(self.request, **form.cleaned_data['file'])
        return self.go('transfer-check')


class Download(Page, View):
    """The directory as a file."""

    title = gettext_lazy('Import and export')
    http_method_names = ('get',)
    kind: ClassVar[imports.Kind] = 'csv'

    def get(self, _request: HttpRequest) -> HttpResponse:
        """The file."""
        with Store() as store:
            if self.kind == 'yaml':
                return self._file('email', export.to_yaml(store), 'application/yaml')
            # Without this mark spreadsheets take the file for one of an older code.
            return self._file('aliases', '\ufeff' + export.to_csv(store), 'text/csv')

    def _file(self, name: str, text: str, content_type: str) -> HttpResponse:
        """A text as a file to keep."""
        title = f'{name}-{date.today().isoformat()}.{self.kind}'
        return HttpResponse(
            text,
            content_type=f'{content_type}; charset=utf-8',
            headers={'Content-Disposition': f'attachment; filename="{title}"'},
        )


class DownloadSite(Download):
    """Domains, mailboxes and aliases as a file."""

    kind = 'yaml'


class WithUpload(Page):
    """Mixin of the pages about a chosen file; without one, it is to be chosen first."""

    def _problem(self, error: MailError) -> HttpResponse:
        """Ask for the file again when it is gone."""
        if error.code != 'upload-missing':
            return super()._problem(error)
        messages.warning(self.request, error.sentence)
        return self.go('transfer')


class ImportCheck(WithUpload, TemplateView):
    """The changes a file would make, and the button that makes them."""

    title = gettext_lazy('Import preview')
    template_name = 'email-transfer-check.html'

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the changes, or the errors."""
        upload = imports.held(self.request)
        try:
            answer = call(privileged.site_preview, upload.kind, upload.name)
        except MailError as error:
            if error.code != 'site-invalid':
                raise
            shown = ShownState(State.BROKEN, _("This file can't be read"), error.sentence)
            return super().get_context_data(upload=upload, shown=shown, **kwargs)
        found = ImportPreview.from_json(answer)
        changes = () if found.wrong else found.changes[:MOST_CHANGES]
        return super().get_context_data(
            upload=upload,
            found=found,
            shown=of_preview(found, upload.title),
            counted=to_import(found),
            changes=list(map(shown_change, changes)),
            more_changes=max(0, found.added + found.changed - MOST_CHANGES),
            faults=found.faults[:MOST_FAULTS],
            more_faults=max(0, found.wrong - MOST_FAULTS),
            form=MailForm(initial={'version': found.mark}),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Begin the import, and show how far it is."""
        try:
            imports.start(
                imports.held(request), request.POST.get('version', ''), request.user.username
            )
        except MailError as error:
            if error.code != 'import-running':
                raise
            messages.error(request, error.sentence)
            return self.go('transfer-check')
        return self.go('transfer-progress')


class ImportProgress(WithUpload, TemplateView):
    """How far an import is, and then how it ended."""

    title = gettext_lazy('Importing')
    template_name = 'email-transfer-progress.html'

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show how far it is, or go where the end is told."""
        upload = imports.held(request)
        is_running = signals.is_importing()
        outcome = imports.outcome(upload)
        if outcome is None and is_running:
            return super().get(request, *args, **kwargs)
        return self._leave(self._end(upload, outcome))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how far it is."""
        percent = call(privileged.site_progress)
        return super().get_context_data(percent=percent, **kwargs)

    def _end(self, upload: imports.Upload, outcome: imports.Outcome | None) -> str:
        """Say how it ended; return the page to go on to."""
        if outcome is None:
            messages.warning(
                self.request,
                pages.RESULT_LOST,
            )  # fmt: skip
            return 'transfer-check'
        problem = outcome.problem.sentence if outcome.problem else ''
        if not outcome.done:
            imports.retry(upload)
            messages.error(self.request, problem)
            return 'transfer-check'
        imports.let_go(self.request)
        self.tell(imported(outcome.done))
        if problem:
            messages.warning(self.request, problem)
        return 'aliases'

    def _leave(self, name: str) -> HttpResponse:
        """Go on to another page, also when a script asked for a part of this one."""
        answer = self.go(name)
        if 'HX-Request' in self.request.headers:
            return HttpResponse(headers={'HX-Redirect': answer.url})
        return answer
