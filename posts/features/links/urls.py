from django.urls import path

from posts.features.links.api import views

SHARED = [
    path("link-settings", views.LinkSettings.as_view()),
    path("campaigns/<campaign:campaign_id>/link-settings", views.CampaignLinkSettings.as_view()),
    path("posts/<post:post_id>/links", views.PostLinks.as_view()),
]
