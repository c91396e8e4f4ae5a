from posts.api import routing
from posts.features.campaigns import api

SHARED = routing.resource("campaigns", api.CampaignViewSet, "campaign")
