from django.urls import path

from posts.api import routing
from posts.features.hashtags.api import views

SHARED = [
    path("post-defaults", views.PostDefaults.as_view()),
    *routing.resource("hashtag-sets", views.HashtagSetViewSet, "hashtag-set"),
]
