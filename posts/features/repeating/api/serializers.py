"""Rules of repeating posts: bodies, queries and answers."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from destinations import public_ids
from posts import content
from posts.api.serializers.fields import (
    AccountNumbersField,
    ISODateTimeField,
)
from posts.api.serializers.posts import options
from posts.api.serializers.posts.declared import Declared, requested, shown
from posts.api.serializers.queries import QuerySerializer
from posts.api.serializers.resources import (
    ChangesSerializer,
    NullIfBlankField,
    ResourcePageSerializer,
)
from posts.features.repeating import templates
from posts.features.repeating.models import Recurrence, Recycling
from posts.features.repeating.post_fields import (
    RecurrenceFieldSerializer,
    ShownRecyclingSerializer,
)

#: How many occurrences on each side of now a rule shows.
SHOWN = 10


class EditRecurrenceSerializer(ChangesSerializer, Declared):
    """Changes all occurrences ahead that were not edited."""

    texts = {
        "content": "As for POST /posts; may be blank with files.",
        "media_ids": "Replaces the files; [] means none.",
        "alt_texts": "Replaces what each file shows.",
        "platform_content": "Replaces what differs on a platform.",
        "metadata": "Replaces your own notes.",
        "campaign_id": "An active campaign of the workspace; null: in none.",
    }

    never_null = frozenset({"recurrence", "scheduled_at"})
    null_is_said = frozenset({"campaign_id"})
    account_ids = AccountNumbersField(allow_empty=False, help_text="Replaces the accounts.")
    recurrence = RecurrenceFieldSerializer(
        required=False, help_text="Replaces the rule; its time of day and first date stay."
    )
    scheduled_at = ISODateTimeField(
        required=False,
        help_text="The first occurrence from now on, which gives the others their time of day; "
        "`count` counts from it. Without an offset it is in the rule's zone.",
    )

    def declared_fields(self) -> dict[str, serializers.Field]:
        return requested(content.read_by("edit_series"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        names = {"recurrence": "rule", "scheduled_at": "when"}
        values = super().validate(attrs)
        return options.fold_hashtags(
            {names.get(name, name): value for name, value in values.items()}
        )


class DeleteRecurrenceQuery(QuerySerializer):
    keep_edited = serializers.ChoiceField(
        choices=["true", "false"],
        default="false",
        help_text="true: occurrences that were edited stay, as posts of their own.",
    )


class ShownRuleSerializer(serializers.Serializer):
    freq = serializers.ChoiceField(choices=Recurrence.Freq.values)
    interval = serializers.IntegerField(help_text="Each so many days, weeks or months.")
    by_day = serializers.ListField(
        child=serializers.CharField(), help_text="Only on these days; empty: see `freq`."
    )
    until = serializers.DateField(allow_null=True, help_text="The last date; null: none.")
    count = serializers.IntegerField(allow_null=True, help_text="How many there are; null: no end.")
    timezone = serializers.CharField(help_text="The zone whose time of day it keeps.")
    missed_after_minutes = serializers.IntegerField(
        allow_null=True,
        help_text="An occurrence that begins later than this fails as `missed_schedule`; null: "
        "until the next occurrence.",
    )


class RepeatingProblemSerializer(serializers.Serializer):
    code = serializers.CharField(source="problem_code")
    message = serializers.CharField(source="problem", help_text="What is wrong, and what to do.")
    since = serializers.DateTimeField(source="problem_since", help_text="When it was noticed.")


class RecurrenceSerializer(Declared):
    """Shows a rule; `context["now"]` is the present."""

    own_first = True

    id = serializers.UUIDField()
    status = serializers.SerializerMethodField(
        help_text="`ended`: no occurrence is ahead.",
    )
    recurrence = ShownRuleSerializer(source="*", help_text="The rule.")
    first_at = serializers.DateTimeField(help_text="The first occurrence.")
    next_at = serializers.SerializerMethodField(
        help_text="The next occurrence; null: none, or it is paused."
    )
    content = serializers.CharField()
    account_ids = serializers.ListField(
        child=serializers.IntegerField(), help_text="The accounts that its posts go to."
    )
    media_ids = serializers.ListField(
        child=serializers.UUIDField(), help_text="The files of its posts, in order."
    )
    alt_texts = serializers.DictField(help_text="What each file shows, by its id.")
    platform_content = serializers.DictField(help_text="What differs on a platform, by its name.")
    metadata = serializers.DictField(help_text="Your own notes, which each of its posts has.")
    campaign_id = serializers.IntegerField(
        allow_null=True, help_text="The campaign of its posts; null: none."
    )
    hashtag_set_ids = serializers.SerializerMethodField(
        help_text="The hashtag sets of its posts; null: the workspace's defaults."
    )
    problem = serializers.SerializerMethodField(
        help_text="Why the next occurrence could not be made; null: nothing is wrong. It is tried "
        "again while its time is ahead."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def declared_fields(self) -> dict[str, serializers.Field]:
        return shown(content.read_by("series"))

    @extend_schema_field(serializers.ChoiceField(choices=["active", "paused", "ended"]))
    def get_status(self, row: Recurrence) -> str:
        return templates.state_of(row, self.context["now"])

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_at(self, row: Recurrence) -> Any:
        found = templates.next_at(row, self.context["now"])
        return found and serializers.DateTimeField().to_representation(found)

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField(), allow_null=True))
    def get_hashtag_set_ids(self, row: Recurrence) -> list[str] | None:
        return (row.hashtags or {}).get("set_ids")

    @extend_schema_field(RepeatingProblemSerializer(allow_null=True))
    def get_problem(self, row: Recurrence) -> Any:
        return RepeatingProblemSerializer(row).data if row.problem_code else None


class ShownPostIdField(serializers.Field):
    """The id of a post, from its UUID."""

    def to_representation(self, value: Any) -> str:
        return public_ids.encode(public_ids.POST, value)


class OccurrenceSerializer(serializers.Serializer):
    date = serializers.DateField(help_text="In the rule's zone; it never changes.")
    scheduled_for = serializers.DateTimeField()
    status = serializers.ChoiceField(
        choices=["planned", "made", "deleted", "missed"],
        help_text="planned: its post is not made yet; made: read the post; deleted: its post is "
        "gone and is not made again; missed: its time passed without a post.",
    )
    post_id = extend_schema_field({"type": "string", "nullable": True})(ShownPostIdField)(
        allow_null=True, help_text="Its post; null: there is none."
    )
    edited = serializers.BooleanField(
        help_text="Whether its post waits and differs from the rule's; a change of the rule then "
        "leaves it as it is."
    )
    reason = serializers.SerializerMethodField(help_text="Why it was missed; else null.")

    def get_reason(self, each: templates.PlannedOccurrence) -> str | None:
        return each.reason or None


class WholeRecurrenceSerializer(RecurrenceSerializer):
    """The same with its occurrences."""

    occurrence: ClassVar[type[OccurrenceSerializer]] = OccurrenceSerializer

    next_occurrences = serializers.SerializerMethodField(
        help_text=f"The next {SHOWN}, in order. Posts are made 90 days ahead, within seconds."
    )
    last_occurrences = serializers.SerializerMethodField(
        help_text=f"The last {SHOWN}, newest first."
    )

    @extend_schema_field(OccurrenceSerializer(many=True))
    def get_next_occurrences(self, row: Recurrence) -> Any:
        found = templates.upcoming(row, self.context["now"], SHOWN)
        return self.occurrence(found, many=True).data

    @extend_schema_field(OccurrenceSerializer(many=True))
    def get_last_occurrences(self, row: Recurrence) -> Any:
        return self.occurrence(templates.past(row, self.context["now"], SHOWN), many=True).data


@extend_schema_serializer(component_name="RecurrencePage")
class RecurrencePageSerializer(ResourcePageSerializer):
    total = serializers.IntegerField(help_text="How many there are.")


class DeletedRecurrenceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    deleted = serializers.BooleanField(help_text="Always true.")
    deleted_posts = serializers.IntegerField(
        help_text="How many posts that had not begun were deleted with it."
    )


class RecyclingSerializer(ShownRecyclingSerializer):
    """The same, and what has become of it."""

    turns = serializers.IntegerField(help_text="How many posts were made of it.")
    next_at = serializers.DateTimeField(
        allow_null=True, help_text="Its next turn; null: none, or the post is not published yet."
    )
    ended_because = NullIfBlankField(help_text="Why it has no more turns; null: it goes on.")
    problem = serializers.SerializerMethodField(
        help_text="Why the next turn could not be made; null: nothing is wrong."
    )

    @extend_schema_field(RepeatingProblemSerializer(allow_null=True))
    def get_problem(self, row: Recycling) -> Any:
        return RepeatingProblemSerializer(row).data if row.problem_code else None
