"""The calling key, with a user that programs may take for granted."""

from rest_framework import serializers

from posts.api.serializers.accounts import me


class UserSerializer(me.UserSerializer):
    id = serializers.IntegerField(help_text="The operator's number, or 0 if no operator is known.")
    email = serializers.CharField(help_text="The operator's address, or empty.")
    name = serializers.CharField(help_text="The operator's name, or the workspace's.")


class MeSerializer(me.MeSerializer):
    user = UserSerializer(
        help_text="Who allowed the login from a terminal that made the key, or the workspace."
    )
