# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms of the public password page."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ..directory.password import LONGEST, SHORTEST, check_password
from ..errors import MailError
from .base import MailForm
from .fields import NameField, plain_input

_STRENGTHS = (_('too short'), _('weak'), _('fair'), _('good'), _('strong'))
"""Words the script of the page picks from."""


class PasswordField(forms.CharField):
    """A password as it was typed; spaces at its ends belong to it."""

    def __init__(self, autocomplete: str, **options: Any) -> None:
        widget = forms.PasswordInput(attrs={'autocomplete': autocomplete})
        super().__init__(strip=False, max_length=LONGEST, widget=widget, **options)


class NewPasswordField(PasswordField):
    """A new password, which may not be a common one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(autocomplete='new-password', **options)
        words = format_lazy('{}|{}|{}|{}|{}', *_STRENGTHS)
        self.widget.attrs.update({'minlength': SHORTEST, 'data-email-strength': words})

    def validate(self, value: str) -> None:
        """Refuse a password that is too easy to guess."""
        super().validate(value)
        if value:
            validate_password(value)


class NewPasswordForm(MailForm):
    """A new password, typed twice."""

    culprits: ClassVar[dict[str, str]] = {
        'password-invalid': 'password',
        'login-invalid': 'old_password',
    }

    password = NewPasswordField(
        label=_('New password'),
        help_text=_(
            'At least 8 characters. Four random words make a strong password that is easy to '
            'remember.'
        ),
    )
    again = PasswordField(autocomplete='new-password', label=_('Repeat new password'))

    def clean_password(self) -> str:
        """Refuse a password that root would refuse, before a try is counted."""
        password = str(self.cleaned_data['password'])
        try:
            check_password(password)
        except MailError as error:
            raise ValidationError(error.sentence) from error
        return password

    def clean_again(self) -> str:
        """Refuse two different passwords."""
        again = str(self.cleaned_data['again'])
        if self.cleaned_data.get('password') not in (None, again):
            raise ValidationError(_("The passwords don't match."))
        return again


class LinkForm(MailForm):
    """The secret of a link for a new password."""

    code = forms.CharField(
        max_length=700,
        label=_('Code from your link'),
        help_text=_('The part of your link after the # sign.'),
        widget=plain_input(autocomplete='off', autofocus='autofocus'),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields['code'].widget.attrs['data-email-code'] = 'yes'


class SignInForm(MailForm):
    """Address and password of a stand-alone mailbox."""

    culprits: ClassVar[dict[str, str]] = {'login-invalid': 'password'}

    address = NameField(
        label=_('Email address'),
        widget=plain_input(type='email', autocomplete='username', autofocus='autofocus'),
    )
    password = PasswordField(autocomplete='current-password', label=_('Password'))


class ChangePasswordForm(NewPasswordForm):
    """A new password for the person who knows the present one."""

    field_order = ('address', 'old_password', 'password', 'again')

    address = NameField(
        label=_('Email address'),
        widget=plain_input(type='email', autocomplete='username', autofocus='autofocus'),
    )
    old_password = PasswordField(autocomplete='current-password', label=_('Current password'))
