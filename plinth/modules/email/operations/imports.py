# SPDX-License-Identifier: AGPL-3.0-or-later
"""An import from a page: the chosen file, and its outcome.

The file waits in `uploads`; its name is in the session of the person who chose it and nowhere
else, so no one can look at the file of another person or import it. The import runs as an
operation of FreedomBox. How it ended is kept here until its page asks, and forgotten when
the web interface starts again.
"""

import logging
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass
from functools import partial
from typing import Literal

from django.http import HttpRequest

from .. import privileged
from ..directory.verbs.bulk import ImportSummary
from ..errors import MailError, Reason
from ..sync import signals
from ..system import uploads

Kind = Literal['csv', 'yaml']
_KEY = 'email-import'
_MOST_KEPT = 50
LONGEST_NAME = 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """A chosen file: its name in `uploads`, its form, and its own name."""

    name: str
    kind: Kind
    title: str

    def __post_init__(self) -> None:
        """Refuse a form nothing reads."""
        if self.kind not in ('csv', 'yaml'):
            raise MailError('choice-invalid.format')


@dataclass(frozen=True)
class Outcome:
    """The end of an import: the changes made, or the problem."""

    done: ImportSummary | None = None
    problem: Reason | None = None


_outcomes: OrderedDict[str, Outcome] = OrderedDict()
_lock = threading.Lock()
_latest = ['']
"""The name of the file whose import was started last; guarded by the lock."""


def kind_of(title: str) -> Kind:
    """The form of a file, which its name tells."""
    return 'yaml' if title.lower().endswith(('.yaml', '.yml')) else 'csv'


def hold(request: HttpRequest, title: str, text: str) -> None:
    """Keep the chosen file of a visitor, in place of the one before."""
    let_go(request)
    upload = Upload(uploads.put(text), kind_of(title), title[-LONGEST_NAME:])
    request.session[_KEY] = asdict(upload)


def held(request: HttpRequest) -> Upload:
    """The file the visitor has chosen."""
    kept = request.session.get(_KEY)
    if not kept:
        raise MailError('upload-missing.none')
    return Upload(**kept)


def let_go(request: HttpRequest) -> None:
    """Forget the file the visitor has chosen; one that is being imported is still needed."""
    kept = request.session.pop(_KEY, None)
    if kept and not _is_under_way(kept['name']):
        uploads.forget(kept['name'])
        _outcomes.pop(kept['name'], None)


def _is_under_way(name: str) -> bool:
    """Whether this very file is being imported."""
    return name == _latest[0] and signals.is_importing()


def start(upload: Upload, mark: str, person: str) -> None:
    """Import a file in the background, if that makes the changes `mark` stands for.

    Asked twice for the same file, it does it once.
    """
    with _lock:
        if upload.name in _outcomes:
            return
        if signals.start_import(partial(_run, upload, mark, person)):
            _latest[0] = upload.name
        elif _latest[0] != upload.name:
            raise MailError('import-running')


def _run(upload: Upload, mark: str, person: str) -> None:
    """Import a file and note how that ended."""
    outcome = Outcome(problem=Reason('import-failed'))
    try:
        answer = privileged.site_apply(upload.kind, upload.name, mark, _log_error=False)
        done = ImportSummary.from_json(answer)
        uploads.forget(upload.name)
        outcome = Outcome(done, _follow(person) if done.needs_following else None)
    except MailError as error:
        logger.info('Nothing was imported: %s', error.sentence)
        outcome = Outcome(problem=error.reason)
    finally:
        _outcomes[upload.name] = outcome
        while len(_outcomes) > _MOST_KEPT:
            _outcomes.popitem(last=False)


def _follow(person: str) -> Reason | None:
    """Have the mail services follow new domains; the reason where they could not."""
    try:
        privileged.setup([person])
    except MailError as error:
        return Reason('unchanged', {'why': error.reason.to_json()})
    return None


def outcome(upload: Upload) -> Outcome | None:
    """How the import of a file ended, None while it is under way or was lost."""
    return _outcomes.get(upload.name)


def is_begun(request: HttpRequest) -> bool:
    """Whether the import of the visitor's file was begun."""
    name = request.session.get(_KEY, {}).get('name', '')
    return name in _outcomes or _is_under_way(name)


def retry(upload: Upload) -> None:
    """Forget how the import of a file ended, so that it can be tried again."""
    _outcomes.pop(upload.name, None)
