from django.urls import path

from posts.features.links import api, short_links

SHARED = [
    path("link-settings", api.LinkSettings.as_view()),
    path("campaigns/<campaign:campaign_id>/link-settings", api.CampaignLinkSettings.as_view()),
    path("posts/<post:post_id>/links", api.PostLinks.as_view()),
]
PUBLIC = [path("l/<str:code>", short_links.follow)]
