"""Add the calendar to pages of posts."""

from django.contrib.admin import ModelAdmin
from django.urls import URLPattern

from posts.admin.post.parts import PostPart
from posts.features.calendar.admin import page


class CalendarPart(PostPart):
    def urls(self, admin: ModelAdmin) -> list[URLPattern]:
        return page.urls(admin)


HOOKS = (CalendarPart(),)
