"""Operators at their browsers."""

import re
from base64 import b32decode

from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

LOGIN = "/admin/login/"
HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"
RIGHT = "correct horse battery staple"


def log_in(password=RIGHT, ip=HERE, user="ada", **more):
    """The answer to a password in a new browser."""
    browser = Client(REMOTE_ADDR=ip, **more)
    return browser.post(LOGIN, {"username": user, "password": password})


def logged_in(user="ada") -> Client:
    """A browser with the right password."""
    browser = Client()
    assert browser.post(LOGIN, {"username": user, "password": RIGHT}).status_code == 302
    return browser


class Phone:
    """An authenticator app that has read the page."""

    def __init__(self, page: str) -> None:
        [shown] = re.findall(r'<code class="dovecote-secret">([A-Z2-7 ]+)</code>', page)
        self.key = b32decode(shown.replace(" ", ""))

    def code(self) -> str:
        maker = TOTP(self.key)
        maker.time = timezone.now().timestamp()
        return f"{maker.token():06d}"
