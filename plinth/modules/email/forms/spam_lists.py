# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms of lists of senders, the score for junk and greylisting."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..directory.sender_lists import LEVELS, MOST_TEXT, SenderLists, list_text, parse_list
from ..errors import MailError
from ..words import spam_lists as words
from ..words.text import Text
from .base import MailForm


class SendersField(forms.CharField):
    """A list of senders as text, one on each line, with comments."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(
            attrs={'rows': 6, 'autocapitalize': 'none', 'spellcheck': 'false', 'dir': 'ltr'}
        )
        super().__init__(required=False, max_length=MOST_TEXT, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Senders as the text to begin with."""
        return list_text(value) if isinstance(value, tuple) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        """The senders in the text."""
        try:
            return parse_list(super().clean(value))
        except MailError as error:
            raise ValidationError(error.sentence, code=error.code) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text differs from the senders there were."""
        return list_text(initial or ()).strip() != str(data or '').strip()


class SenderListsForm(MailForm):
    """The lists of a mailbox, and its score for junk."""

    is_for_all: ClassVar[bool] = False
    culprits: ClassVar[dict[str, str]] = {'junk-score-invalid': 'junk_score'}

    junk_score = forms.TypedChoiceField(
        label=_('Spam filter'),
        coerce=int,
        choices=[(LEVELS[key], text) for key, text in words.LEVELS],
    )
    allowed = SendersField(
        label=_('Always accept mail from'),
        help_text=_(
            'One address or domain per line. A domain includes its subdomains. Mail is accepted '
            'only if it is verified to come from the sender.'
        ),
    )
    denied = SendersField(
        label=_('Never accept mail from'),
        help_text=_('Mail from these addresses and domains is rejected.'),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_for_all:
            self._rename(0, words.AS_FOR_ALL)
        score = int(self.initial.get('junk_score') or 0)
        if score not in LEVELS.values():
            other = (score, str(words.OTHER_LEVEL).format(score=score))
            self.fields['junk_score'].choices = [*self.fields['junk_score'].choices, other]

    def _rename(self, score: int, text: Text) -> None:
        """Give a choice another name."""
        field = self.fields['junk_score']
        field.choices = [(key, text if key == score else name) for key, name in field.choices]

    def clean(self) -> dict[str, Any]:
        """Refuse a sender that is on both lists."""
        values: dict[str, Any] = super().clean() or {}
        both = {*values.get('allowed', ())} & {*values.get('denied', ())}
        if both:
            self.add_error('denied', str(words.ON_BOTH).format(sender=min(both)))
        return values

    @property
    def lists(self) -> SenderLists:
        """The lists that are wanted."""
        values = self.cleaned_data
        return SenderLists(values['allowed'], values['denied'], values['junk_score'])


class CommonSenderListsForm(SenderListsForm):
    """The lists and the score for all, and greylisting."""

    is_for_all = True
    greylisting = forms.BooleanField(
        label=_('Ask unknown senders of suspicious mail to try again (greylisting)'),
        required=False,
        help_text=_(
            'Delays such mail by a few minutes and keeps out much spam. It never delays mail from '
            'people your users wrote to, or sign-in codes from verified senders.'
        ),
    )
    quarantine = forms.BooleanField(
        label=_('Keep possible spam in quarantine instead of Junk'),
        required=False,
        help_text=_(
            'For users who have not chosen. They get a daily message about it, with links to '
            'release or delete each message.'
        ),
    )
    field_order = ('junk_score', 'greylisting', 'quarantine', 'allowed', 'denied')
