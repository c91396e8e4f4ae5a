"""Hashtag sets, and a workspace's defaults for posts, over HTTP."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from platforms.errors import Unsupported
from platforms.policy.options import check_settings
from platforms.registry import ADAPTERS, ALIASES
from posts.api import routing
from posts.api.auth import reach_of, workspace_of
from posts.api.endpoints import Tool, tools
from posts.api.resources import Resource, Values
from posts.api.serializers.fields import StrictListField, StrictSerializer, TextField, TrimmedField
from posts.api.serializers.posts.options import FIRST_COMMENTS, IN_HELP
from posts.api.serializers.resources import ChangesSerializer, NullIfBlankField, deleted_as, read
from posts.composing.destinations import Author
from posts.content import PLACES
from posts.features.hashtags import post_hashtags, sets
from posts.features.hashtags.models import MOST_CHARS, HashtagSet

#: Of a set, or by default.
MOST_TAGS = 30
#: The shortest limit of a network.
MOST_COMMENT_CHARS = min(option.max_chars for option in FIRST_COMMENTS.values())


class HashtagField(TextField):
    """A hashtag with or without its sign; becomes the word alone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_CHARS + 1, **options)

    def to_internal_value(self, data: Any) -> str:
        try:
            return post_hashtags.cleaned(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class HashtagsField(StrictListField):
    """At most 30, each once in any case."""

    child = HashtagField()

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_TAGS, **options)

    def to_internal_value(self, data: Any) -> list[str]:
        return post_hashtags.without_known(super().to_internal_value(data))


class PlatformField(serializers.ChoiceField):
    """A network by its name or an alias."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[*ADAPTERS, *ALIASES], **options)

    def to_internal_value(self, data: Any) -> str:
        name = str(super().to_internal_value(data))
        return ALIASES.get(name, name)


REQUIRED = {
    adapter.key: [each for each in adapter.options if each.name in adapter.required_options]
    for adapter in ADAPTERS.values()
    if adapter.required_options
}
REQUIRED_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        platform: {
            "type": "object",
            "additionalProperties": False,
            "properties": {option.name: option.schema() for option in options},
        }
        for platform, options in REQUIRED.items()
    },
}


@extend_schema_field(REQUIRED_SCHEMA)
class RequiredOptionsField(serializers.Field):
    """{platform: {option: value}}, of options that networks require."""

    def to_internal_value(self, data: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(data, dict) or not all(isinstance(each, dict) for each in data.values()):
            raise serializers.ValidationError("This is an object of objects.")
        found = {}
        for platform, given in data.items():
            if platform not in REQUIRED:
                names = ", ".join(REQUIRED)
                raise serializers.ValidationError(f"Only {names} requires an option.")
            try:
                check_settings(ADAPTERS[platform].name, REQUIRED[platform], given)
            except Unsupported as refusal:
                raise serializers.ValidationError(refusal.message) from refusal
            # An option of a post may be null. A default of null would be none, and unseen.
            if nulls := [name for name, value in given.items() if value is None]:
                raise serializers.ValidationError(
                    f"{ADAPTERS[platform].name}'s option {nulls[0]} cannot be null. Leave it out: "
                    "posts that do not give it are then refused."
                )
            found[platform] = given
        return {platform: given for platform, given in found.items() if given}

    def to_representation(self, value: Any) -> Any:
        return value


class CreateHashtagSetSerializer(StrictSerializer):
    null_is_said = frozenset({"platforms"})
    name = TrimmedField(max_length=100, help_text="No other set of the workspace has it; trimmed.")
    hashtags = HashtagsField(
        allow_empty=False,
        help_text="1 to 30, with or without #: letters, digits and underscores, with at least one "
        "letter. Each is kept once, in any case.",
    )
    platforms = StrictListField(
        child=PlatformField(),
        required=False,
        allow_empty=False,
        max_length=len(ADAPTERS) + len(ALIASES),
        help_text="Only posts on these platforms get them; null: on all.",
    )

    def validate_platforms(self, value: list[str] | None) -> list[str] | None:
        return value and list(dict.fromkeys(value))


class EditHashtagSetSerializer(ChangesSerializer, CreateHashtagSetSerializer):
    texts: ClassVar = {"hashtags": "Replaces them: 1 to 30, with or without #."}


class HashtagSetSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    hashtags = serializers.ListField(
        child=serializers.CharField(), help_text="In their order, without #."
    )
    platforms = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="The platforms whose posts get them; null: all.",
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PostDefaultsBodySerializer(ChangesSerializer):
    hashtags = HashtagsField(
        allow_empty=True,
        help_text="For posts that name no hashtag sets, with or without #; []: none.",
    )
    hashtags_in = serializers.ChoiceField(
        choices=PLACES,
        help_text=f"Where hashtags go unless a post says. {IN_HELP} Default text.",
    )
    first_comment = TextField(
        allow_blank=True,
        max_length=MOST_COMMENT_CHARS,
        help_text="For posts without a `firstComment` of their own, on networks where Dovecote "
        "makes one; blank: none.",
    )
    platform_settings = RequiredOptionsField(
        help_text="For posts that leave out an option that their network requires, by platform "
        "and option; it replaces what was there. {}: such posts are refused.",
    )


class PostDefaultsSerializer(serializers.Serializer):
    hashtags = serializers.ListField(
        child=serializers.CharField(), help_text="Of posts that name no hashtag sets, without #."
    )
    hashtags_in = serializers.ChoiceField(
        choices=PLACES, help_text="Where hashtags go unless a post says."
    )
    first_comment = NullIfBlankField(
        help_text="Of posts that have no first comment of their own; null: none."
    )
    platform_settings = RequiredOptionsField(
        help_text="Of posts that leave out an option that their network requires."
    )


LIST_HASHTAG_SETS = Tool(
    description="List hashtag sets, which posts take by hashtag_set_ids, with their hashtags."
)


class HashtagSetViewSet(Resource):
    one, many = "hashtag_set", "hashtag_sets"
    shown = HashtagSetSerializer
    new = CreateHashtagSetSerializer
    changes = EditHashtagSetSerializer
    order = "By name."
    reads = "Read one hashtag set."
    deleted = deleted_as("DeletedHashtagSet")

    @tools(LIST_HASHTAG_SETS)
    def rows(self, who: Author, asked: Values) -> QuerySet[HashtagSet]:
        """List hashtag sets by name: all of them, at most 100."""
        return sets.listed(who.workspace_id)

    def make(self, who: Author, values: Values) -> HashtagSet:
        """Create a hashtag set. Posts take it by `hashtag_set_ids`."""
        return sets.create(who.workspace_id, values)

    def change(self, who: Author, row: HashtagSet, values: Values) -> HashtagSet:
        """Change a hashtag set: at least one field.

        Posts that are written already keep the hashtags they have, until they name the set again.
        """
        return sets.edit(who.reach, row.pk, values)

    def remove(self, who: Author, row: HashtagSet) -> None:
        """Delete a hashtag set; posts that are written already keep its hashtags."""
        sets.delete(who.reach, row.pk)


class PostDefaults(APIView):
    @extend_schema(operation_id="get_post_defaults", responses=PostDefaultsSerializer)
    def get(self, request: Request) -> Response:
        """Read what posts get that name no hashtag sets, or no first comment."""
        found = sets.find_defaults(workspace_of(request))
        return Response(PostDefaultsSerializer(found).data)

    @extend_schema(
        operation_id="edit_post_defaults",
        request=PostDefaultsBodySerializer,
        responses=PostDefaultsSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Say what posts get that are created from now on and name nothing of their own.

        Only what changes; nothing is set at first. It takes effect within five seconds, also for
        posts of feeds, imports and rules. A post switches it off with `use_defaults: false`.
        """
        if reach_of(request).only is not None:
            raise PermissionDenied(
                "This key is restricted to some accounts. These defaults concern all posts of the "
                "workspace; use a key without a restriction."
            )
        values = read(PostDefaultsBodySerializer, request.data)
        changed = sets.save_defaults(workspace_of(request), values)
        return Response(PostDefaultsSerializer(changed).data)


SHARED = [
    path("post-defaults", PostDefaults.as_view()),
    *routing.resource("hashtag-sets", HashtagSetViewSet, "hashtag-set"),
]
