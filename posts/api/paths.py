"""Converters for the ids in paths. A malformed id matches no endpoint: 404 for every method."""

from django.urls import register_converter
from django.urls.converters import StringConverter

_UUID = "[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"


class PostPath(StringConverter):
    regex = f"(?:post_[0-9a-zA-Z]+|{_UUID})"


class DestinationPath(StringConverter):
    regex = f"(?:dest_[0-9a-zA-Z]+|{_UUID})"


class AccountPath(StringConverter):
    regex = f"(?:[0-9]+|{_UUID})"


class MediaPath(StringConverter):
    regex = _UUID


def register() -> None:
    register_converter(PostPath, "post")
    register_converter(DestinationPath, "destination")
    register_converter(AccountPath, "account")
    register_converter(MediaPath, "file")
