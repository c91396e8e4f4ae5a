"""The form that asks for an operator's password."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm


class LoginForm(AuthenticationForm):
    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if settings.OIDC_ONLY and not getattr(user, "is_superuser", False):
            raise ValidationError("Only superusers log in by password. Use single sign-on.")
