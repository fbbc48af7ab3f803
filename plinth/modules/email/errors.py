# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one error type of this app.

An error carries a stable code for programs, one plain sentence for people and the detail
an expert wants. All three are its arguments, so an error raised by a root action arrives
unchanged in the web process, which rebuilds it from them.
"""


class MailError(Exception):
    """Something could not be done; the sentence says what and what to do about it."""

    def __init__(self, code: str, sentence: str, detail: str = '') -> None:
        super().__init__(code, sentence, detail)
        self.code = code
        self.sentence = sentence
        self.detail = detail

    def __str__(self) -> str:
        return self.sentence
