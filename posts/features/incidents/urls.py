from posts.api import routing
from posts.features.incidents import api

SHARED = routing.resource("incidents", api.IncidentViewSet, "incident")
