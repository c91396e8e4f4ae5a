"""The endpoints of posting queues."""

from django.urls import path

from posts.api import routing
from posts.features.posting_queues.api import compat, views

SHARED = routing.resource("queues", views.QueueViewSet, "queue")
urlpatterns = [path("queue", views.DefaultQueue.as_view())]
COMPAT = [path("queue", compat.DefaultQueue.as_view())]
