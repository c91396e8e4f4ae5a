from posts.api import routing
from posts.features.repeating import compat
from posts.features.repeating.api import views

urlpatterns = routing.resource("recurrences", views.RecurrenceViewSet, "recurrence")
COMPAT = routing.resource("recurrences", compat.RecurrenceViewSet, "compat-recurrence")
