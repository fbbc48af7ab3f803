# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small browser without JavaScript: follow links, fill forms, keep cookies.

It drives FreedomBox's pages as an administrator would, before any real browser is
installed. The certificate of a fresh box is self-signed, so it is not verified.
"""

import http.cookiejar
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Form:
    """One HTML form: its target and the values it would send unchanged."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)

    def filled(self, values: dict[str, str | list[str]]) -> bytes:
        """The body to post, with some fields set to other values."""
        merged = dict(self.fields)
        for name, value in values.items():
            merged[name] = [value] if isinstance(value, str) else value
        return urllib.parse.urlencode(merged, doseq=True).encode()


class _FormParser(HTMLParser):
    """Collect the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or '' for name, value in attrs}
        if tag == 'form' and values.get('method', '').lower() == 'post':
            self._form = Form(values.get('action', ''))
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, values)

    def _field(self, form: Form, tag: str, values: dict[str, str]) -> None:
        name = values.get('name', '')
        if tag == 'select':
            self._select = name
        elif tag == 'option' and self._select and 'selected' in values:
            self._add(self._select, values.get('value', ''))
        elif tag == 'textarea':
            self._textarea = name
        elif tag == 'button' or values.get('type') == 'submit':
            form.buttons.append(name)
        elif tag == 'input' and name:
            if values.get('type') in ('checkbox', 'radio') and 'checked' not in values:
                return
            self._add(name, values.get('value', ''))

    def _add(self, name: str, value: str) -> None:
        if self._form is not None:
            self._form.fields.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            self._add(self._textarea, data.lstrip('\n'))
            self._textarea = None

    def handle_endtag(self, tag: str) -> None:
        if tag == 'form':
            self._form = None
        elif tag == 'select':
            self._select = None
        elif tag == 'textarea':
            self._textarea = None


@dataclass(frozen=True)
class BoxPage:
    """An answer: its status, where redirects ended, and its text."""

    status: int
    url: str
    text: str

    def form(self, has_field: str = 'csrfmiddlewaretoken', button: str = '') -> Form:
        """The last form with this field and button, LookupError when there is none.

        It is the last one because FreedomBox's menus, at the top of a page, are forms too.
        """
        parser = _FormParser()
        parser.feed(self.text)
        for form in reversed(parser.forms):
            if has_field in form.fields and (not button or button in form.buttons):
                return form
        raise LookupError(f'no form with {has_field!r} {button!r} on {self.url}')


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, unless it is told not to."""

    follows = True

    def redirect_request(self, *arguments: Any, **named: Any) -> urllib.request.Request | None:
        """The request that follows a redirect; without one the redirect is the answer."""
        return super().redirect_request(*arguments, **named) if self.follows else None


class Browser:
    """A session with one web server."""

    def __init__(self, base: str, timeout: float = 120) -> None:
        self.base = base.rstrip('/')
        self.timeout = timeout
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.jar = http.cookiejar.CookieJar()
        self._redirects = _Redirects()
        self._opener = urllib.request.build_opener(
            self._redirects,
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(self.jar),
        )

    @contextmanager
    def staying(self) -> Iterator[None]:
        """Follow no redirect for a while: it is the answer then."""
        self._redirects.follows = False
        try:
            yield
        finally:
            self._redirects.follows = True

    def get(self, path: str) -> BoxPage:
        """Get a page, following redirects."""
        return self._open(urllib.request.Request(self._absolute(path)))

    def submit(self, page: BoxPage, form: Form, **values: str | list[str]) -> BoxPage:
        """Post a form of a page with some of its fields set."""
        url = urllib.parse.urljoin(page.url, form.action)
        request = urllib.request.Request(url, form.filled(values), {'Referer': page.url})
        return self._open(request)

    def _absolute(self, path: str) -> str:
        return path if '://' in path else self.base + path

    def _open(self, request: urllib.request.Request) -> BoxPage:
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                return BoxPage(answer.status, answer.url, answer.read().decode('utf-8', 'replace'))
        except urllib.error.HTTPError as error:
            return BoxPage(error.code, request.full_url, error.read().decode('utf-8', 'replace'))
