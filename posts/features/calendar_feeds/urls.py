from django.urls import path

from posts.api import routing
from posts.features.calendar_feeds import api

SHARED = routing.resource("calendar-feeds", api.CalendarFeedViewSet, "calendar-feed")
PUBLIC = [path("calendar/<str:token>.ics", api.serve)]
