"""An operator's second factor: six digits from an app on their phone (TOTP), or a recovery code.

An operator who has set one up is in the admin only after it; SECOND_FACTOR_REQUIRED asks every
operator to set one up. Wrong codes are answered ever later (django-otp), by user.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from io import BytesIO

import qrcode
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django_otp import devices_for_user
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathFillImage

from config.operators import sso

#: Digits of a code from an app; recovery codes are longer.
DIGITS = 6
RECOVERY_CODES = 8
#: 80 random bits, so that the hash that rests of a code is no help to find it.
RECOVERY_BYTES = 10
RECOVERY_CHARS = 16


@dataclass(frozen=True, slots=True)
class Invitation:
    """A picture to scan or a key to type, from which an app makes codes."""

    picture: SafeString
    key: str


def has(user: User | AnonymousUser) -> bool:
    found: bool = TOTPDevice.objects.filter(user=user.pk, confirmed=True).exists()
    return found


def is_satisfied(request: HttpRequest) -> bool:
    """Return whether this session has shown what the operator must show."""
    user = request.user
    if user.is_verified():  # type: ignore[union-attr]
        return True
    if settings.OIDC_SATISFIES_SECOND_FACTOR and sso.is_by_sso(request):
        return True
    return not settings.SECOND_FACTOR_REQUIRED and not has(user)


@transaction.atomic
def matched(user: User, code: str) -> Device | None:
    """Return the device of this code, which works once; None if it is wrong or too soon."""
    kind = TOTPDevice if len(code) == DIGITS and code.isdecimal() else StaticDevice
    if len(code) == RECOVERY_CHARS:
        code = _hashed(code)
    for device in devices_for_user(user, for_verify=True):
        if isinstance(device, kind) and device.verify_token(code):
            return device
    return None


def new_key() -> str:
    """A secret for an app, hex."""
    found: str = TOTPDevice._meta.get_field("key").get_default()
    return found


def invitation(user: User, key: str) -> Invitation:
    device = TOTPDevice(user=user, key=key)
    image = qrcode.make(device.config_url, image_factory=SvgPathFillImage, box_size=12, border=2)
    drawn = BytesIO()
    image.save(drawn)
    svg = drawn.getvalue().decode().partition("?>")[2]
    word = _grouped(base64.b32encode(device.bin_key).decode())
    return Invitation(mark_safe(svg), word)  # noqa: S308 - drawn here, from a key made here


@transaction.atomic
def set_up(user: User, key: str, code: str) -> tuple[Device, list[str]] | None:
    """The operator's one app from now on, with new recovery codes; None if the code is wrong."""
    device = TOTPDevice(user=user, key=key, name="app")
    maker = TOTP(device.bin_key, device.step, device.t0, device.digits)
    if not code.isdecimal() or not maker.verify(int(code), device.tolerance):
        return None
    # Two pages at once: the later one waits, and replaces what the first has made.
    User.objects.select_for_update().get(pk=user.pk)
    remove(user)
    device.last_t = maker.t()
    device.save()
    recovery = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [_base32(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    recovery.token_set.bulk_create(
        StaticToken(device=recovery, token=_hashed(code)) for code in codes
    )
    return device, [_grouped(code) for code in codes]


def _hashed(code: str) -> str:
    """Return the hash of a code. Those of `addstatictoken` are shorter, and stored plainly."""
    return _base32(hashlib.sha256(code.encode()).digest()[:RECOVERY_BYTES])


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower()


def _grouped(word: str) -> str:
    return " ".join(word[at : at + 4] for at in range(0, len(word), 4))


def remove(user: User) -> bool:
    """Forget the operator's app and recovery codes; whether there was an app."""
    had, _ = TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    return bool(had)
