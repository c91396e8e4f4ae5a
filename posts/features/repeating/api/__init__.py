"""The endpoints of recurrences."""

from django.urls import path

from posts.api import routing
from posts.features.repeating.api import compat, views

SHARED = [path("posts/<post:post_id>/recycling", views.PostRecycling.as_view())]
urlpatterns = routing.resource("recurrences", views.RecurrenceViewSet, "recurrence")
COMPAT = routing.resource("recurrences", compat.RecurrenceViewSet, "compat-recurrence")
