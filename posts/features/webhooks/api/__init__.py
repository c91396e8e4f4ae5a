"""The endpoints of webhooks."""

from posts.api import routing
from posts.features.webhooks.api import views

SHARED = routing.resource("webhooks", views.WebhookViewSet, "webhook")
