"""What every page of the admin loads for the box."""

from django.http import HttpRequest
from django.templatetags.static import static


def stylesheet(request: HttpRequest) -> str:
    return static("dovecote/search.css")


def script(request: HttpRequest) -> str:
    return static("dovecote/search.js")
