"""`{% moment at zone %}`: a time in UTC, in a zone, and its age."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from destinations import times
from destinations.runtime import clock

register = template.Library()


@register.simple_tag
def moment(at: datetime | None, zone: str = "UTC") -> SafeString | str:
    return times.html(at, clock.now(), zone)
