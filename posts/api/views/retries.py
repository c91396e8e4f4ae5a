"""Retries over HTTP, and resolving destinations whose outcome is unknown."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from destinations import authorship, manual_retry, public_ids, resolve
from destinations.models import Destination
from destinations.runtime.request_waits import Busy
from posts.api.auth import author
from posts.api.endpoints import options, tools
from posts.api.renderers import EnvelopeResponse
from posts.api.resources import find_post
from posts.api.serializers.posts import posts
from posts.api.serializers.posts.requests import (
    ResolveDestinationSerializer,
    RetryFailedSerializer,
    RetryPostSerializer,
)
from posts.api.serializers.posts.retries import (
    RetriedFailedSerializer,
    RetriedSerializer,
    SkippedOfManySerializer,
    skipped_meta,
)
from posts.api.serializers.resources import read
from posts.api.views import tools as agents
from posts.composing.changes import retry as failed_posts
from posts.composing.destinations import Author
from posts.errors import RequestRefused, invalid, known, try_again


class RetryViewSet(ViewSet):
    """What stands before its endpoints differs on the compatibility mount."""

    retried: type[RetriedSerializer] = RetriedSerializer
    retried_failed: type[RetriedFailedSerializer] = RetriedFailedSerializer
    resolved: type[posts.ResultSerializer] = posts.ResultSerializer
    filters: type[RetryFailedSerializer] = RetryFailedSerializer
    lookup_url_kwarg = "post_id"
    lookup_value_converter = "post"

    @tools(agents.RETRY_POST)
    @extend_schema(
        operation_id="retry_post", request=RetryPostSerializer, responses=RetriedSerializer
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, post_id: str) -> Response:
        """Retry the failed destinations of a post, or only those of `account_ids`.

        A destination whose outcome is unknown may already be live. It is skipped and listed in
        `meta.skipped`, unless the body is `{"confirm_not_published": true}`. That confirms every
        attempt made before the request arrives; with `seen_attempts`, only the attempts that you
        reviewed.
        """
        known = find_post(request, post_id)
        who = author(request)
        values = read(RetryPostSerializer, request.data)
        rows = {row.account_number: row.pk for row in known.destinations.all()}
        wanted = values.get("account_ids", list(rows))
        unknown = [number for number in wanted if number not in rows]
        if unknown:
            raise RequestRefused(
                "invalid_accounts", "The post does not go to these.", account_ids=unknown
            )
        seen = values.get("seen_attempts")
        _check_known(seen or (), rows.values())
        requeued = manual_retry.requeue(
            [rows[number] for number in wanted],
            by=who.by,
            request_id=who.request_id,
            confirmed_not_published=values.get("confirm_not_published", False),
            seen_attempts=seen,
        )
        moved = requeued.moved
        found = {"post_id": known.pk, "retried_count": len(moved), "destinations": moved}
        skipped = requeued.skipped
        if "account_ids" not in values:  # the failed ones are meant; others are not skipped
            skipped = [each for each in skipped if each.reason != "not_failed"]
        return EnvelopeResponse(self.retried(found).data, skipped_meta(skipped))

    @tools(agents.RESOLVE_DESTINATION)
    @extend_schema(
        operation_id="resolve_destination",
        request=ResolveDestinationSerializer,
        responses=posts.ResultSerializer,
    )
    @action(
        detail=True, methods=["post"], url_path="destinations/<destination:destination_id>/resolve"
    )
    def resolve(self, request: Request, post_id: str, destination_id: str) -> Response:
        """Record whether a failed destination that may be live was published; nothing is sent.

        `published` needs the link to the post; where the network can be queried, it must show the
        post as the account's own. After `not_published` the destination can be retried. With
        `seen_attempts`, a destination that was tried since you looked is a 409.
        """
        row = _find_destination(request, post_id, destination_id)
        values = read(ResolveDestinationSerializer, request.data)
        try:
            row = _resolve(row.pk, author(request), values)
        except authorship.NotShown as denied:
            raise invalid("platform_post_url", str(denied)) from None
        except Busy:
            raise try_again("Other posts are being looked for; try again.", 5) from None
        except resolve.TooLate:
            raise RequestRefused(
                "conflict", "This destination is not waiting to be resolved; see its results."
            ) from None
        except resolve.Taken:
            raise RequestRefused("conflict", "This post belongs to another destination.") from None
        except resolve.TooEarly:
            raise invalid("published_at", "This is before the post was created.") from None
        return EnvelopeResponse(self.resolved(row).data, posts.notes([row]))

    @extend_schema(
        operation_id="retry_failed",
        request=RetryFailedSerializer,
        responses=RetriedFailedSerializer,
    )
    @action(detail=False, methods=["post"], url_path="retry-failed")
    @options(is_long=True)
    def retry_failed(self, request: Request) -> Response:
        """Retry the failed destinations that match every filter; at least one is required.

        Destinations that may already be live are skipped, as by POST /posts/{id}/retry; with
        `seen_attempts`, so are those tried since you looked. One call retries at most 500; its
        message says whether there are more and how many were skipped; `meta.skipped` lists them.
        """
        values = read(self.filters, request.data)
        confirmed = values.pop("confirm_not_published")
        if not values:
            raise RequestRefused("missing_filter", "Send at least one filter.")
        retried = failed_posts.retry_failed(
            author(request), failed_posts.RetryFilters(**values), confirmed_not_published=confirmed
        )
        moved = retried.moved
        found = {"retried_count": len(moved), "destinations": moved, "message": _message(retried)}
        meta = skipped_meta(retried.skipped, SkippedOfManySerializer, retried.skipped_count)
        return EnvelopeResponse(self.retried_failed(found).data, meta)


def _check_known(named: Iterable[uuid.UUID], known: Collection[uuid.UUID]) -> None:
    """Raises RequestRefused for an id that is no destination of the post."""
    unknown = [key for key in named if key not in known]
    if unknown:
        shown = public_ids.encode(public_ids.DESTINATION, unknown[0])
        raise invalid("seen_attempts", f"The post has no such destination: {shown}.")


def _resolve(pk: uuid.UUID, who: Author, values: Mapping[str, Any]) -> Destination:
    """The resolved destination. Raises NotShown, TooLate, TooEarly or Taken."""
    seen = values.get("seen_attempts")
    said: dict[str, Any] = {"by": who.by, "request_id": who.request_id, "seen_attempts": seen}
    if values["outcome"] == "not_published":
        return resolve.confirm_not_published(pk, **said)
    found = {"link": values["platform_post_url"], "post_id": values.get("platform_post_id", "")}
    is_verified = authorship.verify_post_owner(pk, **found)
    told = {**found, **said, "published_at": values.get("published_at")}
    return resolve.confirm_published(pk, is_verified=is_verified, **told)


def _find_destination(request: Request, post_id: str, destination_id: str) -> Destination:
    key = public_ids.decode(public_ids.DESTINATION, destination_id)
    rows = find_post(request, post_id).destinations
    return known(rows.filter(pk=key).first() if key else None, "destination")


def _message(retried: failed_posts.Retried) -> str:
    count = len(retried.moved)
    said = [f"Retrying {count} destination{'' if count == 1 else 's'}."]
    if retried.has_more:
        said.append("There are more; call again.")
    if retried.may_be_public:
        said.append(f"Skipped {retried.may_be_public} that may already be live; look there.")
    if retried.tried_since:
        said.append(f"Skipped {retried.tried_since} that were tried since you looked.")
    return " ".join(said)
