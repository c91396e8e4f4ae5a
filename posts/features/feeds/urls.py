from posts.api import routing
from posts.features.feeds import api

SHARED = routing.resource("feeds", api.FeedViewSet, "feed")
