"""Registers every model's page with the admin site. Import it before the site's URLs are read."""

from django.contrib import admin

admin.autodiscover()
# After autodiscovery: these replace what the other packages have registered by now.
from config.admin import operators, periodic_tasks  # noqa: E402, F401
from config.admin.search.search import listed  # noqa: E402
from destinations.admin import list_search  # noqa: E402

list_search.answer_with(listed)
