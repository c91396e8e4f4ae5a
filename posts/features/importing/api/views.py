"""Posts from files."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations import public_ids
from destinations.runtime.request_waits import RequestWaitLimiter
from posts.api import long_requests, throttling
from posts.api.auth import author, key_of, reach_of, workspace_of
from posts.api.endpoints import ReplayPolicy, options, tools
from posts.api.pagination import page
from posts.api.renderers import PlainResponse
from posts.api.resources import Resource, Values
from posts.api.serializers.posts import warnings as foreseen
from posts.api.serializers.posts.queries import filters
from posts.api.serializers.queries import PageQuery
from posts.api.serializers.resources import PaginationSerializer, read
from posts.composing.destinations import Author
from posts.errors import invalid
from posts.features.importing import imports, mcp, media_urls
from posts.features.importing.api import serializers as shapes
from posts.features.importing.api.parsers import CSVParser, FormParser, JSONFileParser, SentFile
from posts.features.importing.create_post import Maker, Outcome
from posts.features.importing.formats import export_posts, files, rows
from posts.features.importing.formats.rows import RowToImport
from posts.features.importing.imports import FileToImport, ImportSummary
from posts.features.importing.models import Import
from posts.keys import bounded_waits, rate_limits
from posts.keys.bounded_waits import HeldPieces
from posts.read_models import listing
from posts.read_models.pages import WholeListing


class ShowsRows:
    """Render rows; the ids differ on the compatibility mount."""

    shown_id: Callable[[Any], str] = staticmethod(
        lambda key: public_ids.encode(public_ids.POST, key)
    )

    def row(
        self, number: int, post_id: uuid.UUID | None, *, is_known: bool, errors: list[Any]
    ) -> dict[str, Any]:
        named = {"post_id": self.shown_id(post_id)} if post_id else {}
        return {
            "row": number,
            "ok": not errors,
            **named,
            "existing": is_known,
            "errors": errors,
        }


class PostImport(ShowsRows, APIView):
    parser_classes = (CSVParser, JSONFileParser, FormParser)

    @tools(mcp.VALIDATE_IMPORT, mcp.IMPORT_POSTS)
    @extend_schema(
        operation_id="import_posts",
        parameters=[shapes.ImportQuery],
        request={
            # First: generators of clients that know one form of a body take it.
            "multipart/form-data": shapes.ImportFormSerializer,
            "application/json": shapes.ImportBodySerializer,
            "text/csv": {"type": "string"},
        },
        responses={
            200: OpenApiResponse(shapes.ImportedSerializer, "What an import would do."),
            202: OpenApiResponse(shapes.ImportSerializer, "Workers import it; poll it."),
            201: OpenApiResponse(shapes.ImportedSerializer, "All rows were imported."),
            207: OpenApiResponse(shapes.ImportedSerializer, "Some rows were imported."),
            422: OpenApiResponse(shapes.ImportedSerializer, "No row was imported."),
        },
    )
    @options(replay=ReplayPolicy.AFTER_WORK, reads_query=True)
    def post(self, request: Request) -> Response:
        """Create the posts of a CSV or JSON file, each row as POST /posts does.

        A row that was imported into the workspace before is not imported again: it has the id of
        its post. So a corrected file can be sent whole. A file of more than 500 rows, or with
        `media_urls`, is imported by workers: 202, and GET /imports/{id} tells how far it is.
        """
        asked = read(shapes.ImportQuery, request.query_params.dict())
        sent = _sent(request)
        found = sent.read()
        told = rows.told_apart(found.rows, asked["again"])
        if len(told) <= files.ADVISED_ROWS and not _fetches(told, is_dry_run=asked["dry_run"]):
            return self._at_once(request, told, found.warnings, is_dry_run=asked["dry_run"])
        if not asked["dry_run"]:
            _take(request, len(told))
        file = FileToImport(
            sent.name,
            hashlib.sha256(sent.raw).hexdigest(),
            asked["again"],
            asked["dry_run"],
            found.warnings,
        )
        job = imports.start(key_of(request), getattr(request, "request_id", ""), file, told)
        return Response(shapes.ImportSerializer(job).data, status=202)

    def _at_once(
        self,
        request: Request,
        told: Sequence[RowToImport],
        warnings: list[str],
        *,
        is_dry_run: bool,
    ) -> Response:
        long_requests.take_place_for(request, [row.body for row in told])
        maker = Maker(author(request), shapes.read_new_post)
        if is_dry_run:
            done = list(imports.inline_outcomes(maker, told, maker.check))
            summary = ImportSummary(done, warnings)
            return PlainResponse(self._shown(summary), _foreseen(summary))
        _take(request, len(told) - len(maker.known(told)))
        summary = ImportSummary(list(imports.inline_outcomes(maker, told, maker.make)), warnings)
        status = 201 if not summary.invalid else 207 if summary.valid else 422
        return PlainResponse(self._shown(summary), _foreseen(summary), status)

    def _shown(self, summary: ImportSummary) -> dict[str, Any]:
        return {
            "total": summary.total,
            "valid": summary.valid,
            "existing": summary.existing,
            "invalid": summary.invalid,
            "results": [self._row(each) for each in summary.outcomes],
            "warnings": list(summary.warnings),
        }

    def _row(self, each: Outcome) -> dict[str, Any]:
        errors = [problem.shown() for problem in each.errors]
        return self.row(each.number, each.post_id, is_known=each.is_known, errors=errors)


class PostExport(APIView):
    query: type[shapes.ExportQuery] = shapes.ExportQuery

    @extend_schema(
        operation_id="export_posts",
        parameters=[shapes.ExportQuery],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/json"): shapes.ImportBodySerializer,
        },
    )
    @options(is_file=True, reads_query=True)
    def get(self, request: Request) -> StreamingHttpResponse:
        """Read the posts that match every filter as a file that POST /posts/import takes.

        At most 50,000; more are refused. Cells that hold what looks like a formula begin with an
        apostrophe, which an import takes away.
        """
        asked = read(self.query, request.query_params.dict())
        busy = "Other exports are being written; try again."
        with bounded_waits.enter(_room, workspace_of(request), busy) as held:
            found = listing.find(reach_of(request), filters(asked), WholeListing)
            ids = export_posts.chosen(found)
            form = asked["format"]
            write, kind = WRITERS[form]
            pieces = HeldPieces(write(found, ids), held.pop_all())
        response = StreamingHttpResponse(pieces, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="posts.{form}"'
        response["Cache-Control"] = "no-store"
        return response


_room = RequestWaitLimiter()
#: How each format is written, and its type.
WRITERS = {
    "csv": (export_posts.as_csv, "text/csv; charset=utf-8"),
    "json": (export_posts.as_json, "application/json"),
}


class ImportViewSet(ShowsRows, Resource):
    one, many = "import", "imports"
    shown = shapes.ImportSerializer
    query = PageQuery
    order = "The imports."
    list_name = "Imports"
    pagination = PaginationSerializer(help_text="Which page of the list this is.")

    def rows(self, who: Author, asked: Values) -> QuerySet[Import]:
        """List imports that workers do or did, newest first. They are kept for 30 days.

        A restricted key sees its own.
        """
        return imports.seen(key_of(self.request))

    @tools(mcp.GET_IMPORT)
    @extend_schema(
        operation_id="get_import",
        parameters=[shapes.ImportResultsQuery],
        responses=shapes.ImportWithResultsSerializer,
    )
    @options(reads_query=True)
    def retrieve(self, request: Request, **path: str) -> Response:
        """Read how far an import is, and a page of its results."""
        job = self.named(request, **path)
        asked = read(shapes.ImportResultsQuery, request.query_params.dict())
        rows, meta = page(imports.results(job, asked["ok"]), asked)
        results = [
            self.row(each.number, each.post_id, is_known=each.is_known, errors=each.errors)
            for each in rows
        ]
        existing = imports.existing(job)
        shown = {**shapes.ImportSerializer(job).data, "existing": existing, "results": results}
        return Response({**shown, **meta})

    @extend_schema(operation_id="cancel_import", request=None, responses=shapes.ImportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **path: str) -> Response:
        """End an import. The posts that it made stay."""
        job = self.named(request, **path)
        imports.cancel(job, f"key:{key_of(request).prefix}")
        return Response(shapes.ImportSerializer(job).data)


def _foreseen(summary: ImportSummary) -> dict[str, Any]:
    """`meta.warnings`: what will fail of the rows that are accepted."""
    told = [
        each
        for outcome in summary.outcomes
        if outcome.is_ok
        for each in foreseen.warnings_of(outcome.validations, row=outcome.number)
    ]
    return foreseen.meta(told)


def _fetches(told: Sequence[RowToImport], *, is_dry_run: bool) -> bool:
    """Return whether files must be fetched first, which takes time."""
    return not is_dry_run and media_urls.any_in([row.body for row in told])


def _sent(request: Request) -> SentFile:
    """Return the file of the request. Raises RequestRefused for an empty body."""
    sent: Any = request.data
    if not isinstance(sent, SentFile):
        raise invalid("file", "Send a file of posts as the body, or in the field file of a form.")
    return sent


def _take(request: Request, count: int) -> None:
    """Take so many rows from what the workspace may import. Raises RequestRefused.

    A key with a number of posts of its own is held to that.
    """
    if not count:
        return
    key = key_of(request)
    if key.post_limits:
        throttling.take_posts(request, [None] * count)
    rate_limits.demand_of(
        str(key.workspace_id), "import_rows", settings.IMPORT_ROW_LIMIT, "imported rows", count
    )
