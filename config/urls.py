"""The whole URL map, but what machines ask: `probes` answers that first."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
