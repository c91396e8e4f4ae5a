"""Registers every model's page with the admin site. Import it before the site's URLs are read."""

from django.contrib import admin

admin.autodiscover()
# After autodiscovery: these replace what the other packages have registered by now.
from config.admin import incidents, operators, periodic_tasks  # noqa: E402, F401
from config.queue import routing  # noqa: E402
from destinations.admin.story import card  # noqa: E402

card.unserved_found_by(routing.unserved)
