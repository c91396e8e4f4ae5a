from posts.api import routing
from posts.features.repeating.api import views

urlpatterns = routing.resource("recurrences", views.RecurrenceViewSet, "recurrence")
