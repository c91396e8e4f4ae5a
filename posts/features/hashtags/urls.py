from django.urls import path

from posts.api import routing
from posts.features.hashtags import api

SHARED = [
    path("post-defaults", api.PostDefaults.as_view()),
    *routing.resource("hashtag-sets", api.HashtagSetViewSet, "hashtag-set"),
]
