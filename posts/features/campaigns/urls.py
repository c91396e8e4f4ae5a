from posts.api import routing
from posts.features.campaigns.api import views

SHARED = routing.resource("campaigns", views.CampaignViewSet, "campaign")
