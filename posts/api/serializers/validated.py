"""Validates a request's body or query."""

from functools import cache
from typing import Any

from rest_framework import serializers


def read(serializer: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """The validated data. Raises ValidationError or RequestRefused."""
    if data is None:
        raise serializers.ValidationError({"non_field_errors": ["No data provided"]})
    values: dict[str, Any] = _shared(serializer).run_validation(data)
    return values


@cache
def _shared(serializer: type[serializers.Serializer]) -> serializers.Serializer:
    """One instance for all requests: `run_validation` keeps nothing in it.

    DRF copies the declared fields for each instance, which takes as long as to validate a post.
    """
    return serializer()
