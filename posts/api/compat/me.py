"""The calling key, for clients that take a user for granted."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from posts.api.serializers.accounts import me
from posts.api.views.accounts import me as reference
from posts.models import ApiKey, DeviceLogin


class UserSerializer(me.UserSerializer):
    id = serializers.IntegerField(help_text="The operator's number, or 0 if no operator is known.")
    email = serializers.CharField(help_text="The operator's address, or empty.")
    name = serializers.CharField(help_text="The operator's name, or the workspace's.")


class MeSerializer(me.MeSerializer):
    user = UserSerializer(
        help_text="Who allowed the login from a terminal that made the key, or the workspace."
    )


@extend_schema_view(get=extend_schema(responses=MeSerializer))
class Me(reference.Me):
    def user(self, key: ApiKey) -> dict[str, Any]:
        """Return who allowed the login from a terminal that made the key; else the workspace."""
        login = DeviceLogin.objects.filter(api_key=key).select_related("decided_by").first()
        person = login.decided_by if login else None
        if person is None:
            return {"id": 0, "email": "", "name": key.workspace.name}
        name = person.get_full_name() or person.get_username()
        return {"id": person.pk, "email": person.email, "name": name}
