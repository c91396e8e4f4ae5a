"""Posts and destinations, as callers receive them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.core.files.storage import default_storage
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations import pauses
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Destination, Pause
from destinations.runtime import clock
from destinations.state import waiting
from platforms.errors import CODES
from posts.api.serializers.compiled import compiled
from posts.api.serializers.error_codes import ACTORS, listed
from posts.api.serializers.posts import declared
from posts.api.serializers.posts.declared import Declared, shown
from posts.api.serializers.posts.options import (
    ShownHashtagSetIdsField,
    ShownOccurrenceDateField,
    ShownQueueIdField,
    ShownRecurrenceIdField,
    ShownRecycledFromField,
)
from posts.api.serializers.posts.pauses import (
    PAUSED,
    PausedDestinationSerializer,
    PausedRow,
    PublishingPausedSerializer,
    show,
)
from posts.api.serializers.posts.warnings import WarnedMetaSerializer
from posts.api.serializers.resources import MetaSerializer, NullIfBlankField, PageMetaSerializer
from posts.content import FIELDS
from posts.models import Media, Post
from posts.read_models import FileRow, ResultRow

S = Destination.Status
WAITS = "Which destinations wait because publishing is paused; absent if none does."


class NoteSerializer(serializers.Serializer):
    destination_id = serializers.CharField(source="public_id")
    note = serializers.CharField(help_text="What happened, for people to read.")


def notes(
    rows: Iterable[Destination | ResultRow], paused: Iterable[PausedRow] = ()
) -> dict[str, Any]:
    """`meta.notes` of results: what was noted, and what is going on now."""
    now = clock.now()
    told = [
        {"destination_id": row.public_id, "note": note}
        for row in rows
        for note in (*row.notes, *waiting.notes(row, now))
    ]
    told += [
        {"destination_id": row.public_id, "note": pauses.sentence(row.pause)} for row in paused
    ]
    return {"notes": told} if told else {}


class ResultErrorSerializer(serializers.Serializer):
    """Why a destination failed, for programs; its `error` is for people."""

    destination_id = serializers.CharField(source="public_id")
    error_code = serializers.ChoiceField(
        list(CODES), help_text=f"A stable code. Who must act, and what to do:\n\n{listed(CODES)}"
    )
    actor = serializers.SerializerMethodField(
        help_text="Who must act: you, the account's owner, or this installation's operator."
    )
    to_do = serializers.SerializerMethodField(help_text="What they must do, for people to read.")
    may_be_live = serializers.SerializerMethodField(
        help_text="Whether it may be live nevertheless; a retry skips it."
    )

    @extend_schema_field(serializers.ChoiceField(list(ACTORS.values())))
    def get_actor(self, row: Destination) -> str:
        return ACTORS[CODES[row.error_code].actor]

    def get_to_do(self, row: Destination) -> str:
        return CODES[row.error_code].to_do

    def get_may_be_live(self, row: Destination) -> bool:
        return row.error_code == MAY_BE_PUBLIC


_show_error = compiled(ResultErrorSerializer)


def errors(rows: Iterable[Destination | ResultRow]) -> dict[str, Any]:
    """`meta.errors` of the results that failed."""
    told = [row for row in rows if row.status == S.FAILED and row.error_code in CODES]
    return {"errors": [_show_error(row) for row in told]} if told else {}


class ResultsMetaSerializer(MetaSerializer):
    notes = NoteSerializer(
        many=True, required=False, help_text="What else happened; absent if there are none."
    )
    errors = ResultErrorSerializer(  # type: ignore[assignment]
        many=True,
        required=False,
        help_text="What failed, and who must act; absent if nothing failed.",
    )
    publishing_paused = PausedDestinationSerializer(many=True, required=False, help_text=WAITS)


class PostMetaSerializer(MetaSerializer):
    publishing_paused = PausedDestinationSerializer(many=True, required=False, help_text=WAITS)


class ProblemSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField(help_text="What is wrong, for people to read.")


class AccountValidationSerializer(serializers.Serializer):
    """How POST /posts would treat one account."""

    account_id = serializers.IntegerField(source="target.number")
    platform = serializers.CharField(source="target.platform")
    valid = serializers.SerializerMethodField()
    errors = ProblemSerializer(many=True, source="problems")  # type: ignore[assignment]
    warnings = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())
    publishing_paused = PublishingPausedSerializer(required=False, help_text=PAUSED)

    def get_valid(self, verdict: Any) -> bool:
        return not verdict.problems


def verdict_shower(
    serializer: type[AccountValidationSerializer],
) -> Callable[[Sequence[Any], Mapping[int, Pause]], dict[str, Any]]:
    """Return what shows verdicts, with the pauses that apply by account number."""
    show_one = compiled(serializer, without=("publishing_paused",))

    def with_pause(verdict: Any, pause: Pause | None) -> dict[str, Any]:
        shown = show_one(verdict)
        if pause:
            shown["publishing_paused"] = show(pause)
            shown["notes"] = [*shown["notes"], pauses.sentence(pause)]
        return shown

    return lambda verdicts, paused: {
        "valid": not any(each.problems for each in verdicts),
        "accounts": [with_pause(each, paused.get(each.target.number)) for each in verdicts],
    }


show_validated = verdict_shower(AccountValidationSerializer)


class ValidatedSerializer(serializers.Serializer):
    meta_serializer: ClassVar = WarnedMetaSerializer

    valid = serializers.BooleanField()
    accounts = AccountValidationSerializer(many=True, help_text="The result for each account.")


class WireStatusField(serializers.ChoiceField):
    """For customers, a destination whose outcome is being looked up is still publishing."""

    def __init__(self, **options: Any) -> None:
        statuses = [S.QUEUED, S.PUBLISHING, S.PUBLISHED, S.FAILED]
        super().__init__([str(each) for each in statuses], read_only=True, **options)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return str(S.PUBLISHING if value == S.UNCONFIRMED else value) or None


class ListedDestinationSerializer(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    platform = serializers.CharField()
    status = WireStatusField()
    account_name = serializers.CharField()


class DetailedDestinationSerializer(ListedDestinationSerializer):
    account_id = serializers.IntegerField(source="account_number")
    published_at = serializers.DateTimeField(allow_null=True)
    platform_post_id = NullIfBlankField()
    error = NullIfBlankField(help_text="Why it failed, for people to read; null if it did not.")
    attempts = serializers.IntegerField(help_text="How many attempts were made.")


class NextTryAtField(serializers.DateTimeField):
    """When a waiting destination is tried next."""

    def get_attribute(self, instance: Destination | ResultRow) -> datetime | None:
        return waiting.next_try_at(instance, clock.now())


class ResultSerializer(DetailedDestinationSerializer):
    meta_serializer: ClassVar = ResultsMetaSerializer

    platform_post_url = NullIfBlankField()
    next_retry_at = NextTryAtField(
        allow_null=True,
        help_text="When it is tried, if it waits for a retry, the end of a rate limit, a network "
        "that is down, or, being late, other posts of its account.",
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """In the order of the wire format: the URL follows the id."""
        fields: dict[str, serializers.Field] = super().get_fields()
        for name in ("error", "attempts", "next_retry_at"):
            fields[name] = fields.pop(name)
        return fields


class AttachedMediaSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=Media.Kind.values, source="kind")
    url = serializers.SerializerMethodField()

    def get_url(self, file: FileRow) -> str | None:
        key = file.public_key
        return default_storage.url(key) if key else None


def shown_if_said() -> dict[str, serializers.Field]:
    """Return what only posts show that have it, on both mounts."""
    return {
        **shown(FIELDS, "plain"),
        "queue_id": ShownQueueIdField(),
        "recurrence_id": ShownRecurrenceIdField(),
        "occurrence_date": ShownOccurrenceDateField(),
        "recycled_from": ShownRecycledFromField(),
        **declared.shown_by_features("recycling", "approval"),
    }


class ListedPostSerializer(Declared):
    meta_serializer: ClassVar[type[MetaSerializer]] = PageMetaSerializer
    own_first = True

    id = serializers.CharField(source="public_id")
    content = serializers.CharField()
    media = AttachedMediaSerializer(many=True, source="files")
    scheduled_for = serializers.DateTimeField(allow_null=True)
    timezone = serializers.CharField()
    status = serializers.ChoiceField(choices=Post.Status.values)
    destinations = ListedDestinationSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    hashtag_set_ids = ShownHashtagSetIdsField()

    def declared_fields(self) -> dict[str, serializers.Field]:
        return shown_if_said()


class DetailedPostSerializer(ListedPostSerializer):
    meta_serializer: ClassVar = PostMetaSerializer

    destinations = DetailedDestinationSerializer(many=True)


class EditedPostSerializer(serializers.Serializer):
    meta_serializer: ClassVar = WarnedMetaSerializer

    id = serializers.CharField(source="public_id")
    content = serializers.CharField()
    scheduled_for = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(choices=Post.Status.values)
    updated_at = serializers.DateTimeField()
    queue_id = ShownQueueIdField()
