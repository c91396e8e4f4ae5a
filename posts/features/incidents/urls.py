from posts.api import routing
from posts.features.incidents import api

urlpatterns = routing.resource("incidents", api.IncidentViewSet, "incident")
