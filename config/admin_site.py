"""The admin as one site: who may enter it."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from config.web import operators


class Site(UnfoldAdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        """Every page of the admin asks this: for staff, in a session that is not too old."""
        if not super().has_permission(request):
            return False
        began_at = operators.began_at(request)
        oldest = timezone.now() - timedelta(seconds=settings.SESSION_MAX_SECONDS)
        if began_at is None or began_at < oldest:
            logout(request)
            return False
        return True
