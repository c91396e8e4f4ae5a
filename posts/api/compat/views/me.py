"""The calling key, for clients that take a user for granted."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from posts.api.compat.serializers.me import MeSerializer
from posts.api.views.accounts import me as reference
from posts.models import ApiKey, DeviceLogin


@extend_schema_view(get=extend_schema(responses=MeSerializer))
class Me(reference.Me):
    def user(self, key: ApiKey) -> dict[str, Any]:
        """Who allowed the login from a terminal that made the key; else the workspace."""
        login = DeviceLogin.objects.filter(api_key=key).select_related("decided_by").first()
        person = login.decided_by if login else None
        if person is None:
            return {"id": 0, "email": "", "name": key.workspace.name}
        name = person.get_full_name() or person.get_username()
        return {"id": person.pk, "email": person.email, "name": name}
