from django.urls import path

from posts.api import routing
from posts.features.posting_queues import api, compat

SHARED = routing.resource("queues", api.QueueViewSet, "queue")
urlpatterns = [path("queue", api.DefaultQueue.as_view())]
COMPAT = [path("queue", compat.DefaultQueue.as_view())]
