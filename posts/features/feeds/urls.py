from posts.api import routing
from posts.features.feeds.api import views

SHARED = routing.resource("feeds", views.FeedViewSet, "feed")
