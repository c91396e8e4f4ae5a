from posts.api import routing
from posts.features.calendar_feeds.api import views

SHARED = routing.resource("calendar-feeds", views.CalendarFeedViewSet, "calendar-feed")
