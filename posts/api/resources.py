"""Endpoints of simple rows: list, create, read, change and delete, each declared once.

    class NoteViewSet(Resource):
        one, many = "note", "notes"
        shown = NoteSerializer
        new = NoteFields

        def rows(self, who: Author, asked: Values) -> QuerySet[Note]:
            "List notes, newest first."
            return notes.within(who.reach)

        def make(self, who: Author, values: Values) -> Note:
            "Create a note."
            return notes.create(who.workspace_id, values)

Of `make`, `change` and `remove`, a resource has those that it offers. The docstring of each method
is what the OpenAPI document says of its endpoint, and `@tools` gives it to agents. More endpoints
are actions, as of any view set.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from destinations import public_ids
from posts.api.auth import author, reach_of
from posts.api.endpoints import options
from posts.api.pagination import page
from posts.api.serializers import resources
from posts.api.serializers.queries import QuerySerializer
from posts.api.serializers.resources import Answer, read
from posts.composing.destinations import Author
from posts.errors import known
from posts.models import Post
from posts.read_models import queries

Values = Mapping[str, Any]
Body = type[serializers.Serializer]
#: A method that DRF's decorators made.
Endpoint = Any
#: An answer with a secret is for its reader alone.
PRIVATE = {"Cache-Control": "no-store"}


class Resource(ViewSet):
    """The rows of one kind that a key reaches."""

    #: One, as in `get_feed` and `feed_id`, and several, as in `list_feeds`.
    one: ClassVar[str]
    many: ClassVar[str]
    lookup_url_kwarg: ClassVar[str]
    lookup_value_converter: ClassVar[str]
    #: Reads the id in a path.
    parse_id: ClassVar[Callable[[str], Any]] = uuid.UUID
    #: Shows one row, and what does so instead where `list`, `make` or `change` answers.
    shown: ClassVar[Answer]
    shown_by: ClassVar[Mapping[str, Answer]] = {}
    #: The bodies that create one and change one.
    new: ClassVar[Body]
    changes: ClassVar[Body]
    #: A list: how it is sorted, its name in the OpenAPI document, and its pages, if it has any.
    order: ClassVar[str] = ""
    list_name: ClassVar[str] = ""
    query: ClassVar[type[QuerySerializer] | None] = None
    pagination: ClassVar[serializers.Serializer | None] = None
    may_lag: ClassVar[bool] = True
    #: Whether a change or a deletion goes through many posts, so that it may take long.
    has_long_changes: ClassVar[bool] = False
    #: Describes reading one; blank: none can be read.
    reads: ClassVar[str] = ""
    #: The answer to a deletion.
    deleted: ClassVar[Answer] = resources.DeletedSerializer

    #: (author, values) to a new row; (author, row, values) to the changed row; (author, row).
    make: Any
    change: Any
    remove: Any

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.lookup_url_kwarg = f"{cls.one}_id"
        cls.lookup_value_converter = cls.one
        for hook, action, declare in ENDPOINTS:
            method, own = getattr(cls, hook, None), getattr(cls, action, None)
            text = cls.reads if hook == "find" else method and method.__doc__
            # One that is written by hand stays, also in subclasses.
            if text and (own is None or hasattr(own, "is_declared")):
                endpoint = declare(cls)
                endpoint.__doc__ = text
                endpoint.is_declared = True
                endpoint.tools = getattr(method, "tools", ())
                setattr(cls, action, endpoint)

    def rows(self, who: Author, asked: Values) -> QuerySet[Any]:
        """Return the rows that the caller may see, in order; `asked`: the query of a list."""
        raise NotImplementedError

    def find(self, who: Author, key: Any) -> Any:
        """Return a row that the caller may see. Raises RequestRefused."""
        found = self.rows(who, {}).filter(pk=key).first()
        return known(found, self.one.replace("_", " "))

    def context(self, who: Author, rows: Sequence[Any]) -> dict[str, Any]:
        """Return what the serializer must know beside the rows."""
        return {}

    def named(self, request: Request, **path: str) -> Any:
        """Return the row that a path names. Raises RequestRefused."""
        return self.find(author(request), type(self).parse_id(path[f"{self.one}_id"]))

    def show(self, who: Author, row: Any, by: str = "") -> dict[str, Any]:
        """Return a row as the endpoint `by` shows it."""
        serializer = self.shown_by.get(by, self.shown)
        return dict(serializer(row, context=self.context(who, [row])).data)


def _list(cls: type[Resource]) -> Endpoint:
    serializer = cls.shown_by.get("list", cls.shown)
    query, pagination = cls.query, cls.pagination
    answer = resources.answer(
        cls.list_name or f"{serializer.__name__.removesuffix('Serializer')}List",
        **{cls.many: serializer(many=True, help_text=cls.order or None)},
        **({"pagination": pagination} if pagination else {}),
    )

    @extend_schema(
        operation_id=f"list_{cls.many}",
        parameters=[query] if query else None,
        responses=answer,
    )
    @options(may_lag=cls.may_lag, reads_query=query is not None)
    def endpoint(self: Resource, request: Request) -> Response:
        who = author(request)
        where: dict[str, Any] = {}
        if query is None or pagination is None:
            found = list(self.rows(who, {}))
        else:
            asked = read(query, request.query_params.dict())
            found, meta = page(self.rows(who, asked), asked)
            where = {"pagination": type(pagination)(meta["pagination"]).data}
        context = self.context(who, found)
        return Response({cls.many: serializer(found, many=True, context=context).data, **where})

    return endpoint


def _create(cls: type[Resource]) -> Endpoint:
    @extend_schema(
        operation_id=f"create_{cls.one}",
        request=cls.new,
        responses={201: cls.shown_by.get("make", cls.shown)},
    )
    def endpoint(self: Resource, request: Request) -> Response:
        who = author(request)
        made = self.make(who, read(self.new, request.data))
        # With a serializer of its own it has what is shown this once.
        headers = PRIVATE if "make" in cls.shown_by else None
        return Response(self.show(who, made, "make"), status=201, headers=headers)

    return endpoint


def _retrieve(cls: type[Resource]) -> Endpoint:
    @extend_schema(operation_id=f"get_{cls.one}", responses=cls.shown)
    def endpoint(self: Resource, request: Request, **path: str) -> Response:
        return Response(self.show(author(request), self.named(request, **path)))

    return endpoint


def _partial_update(cls: type[Resource]) -> Endpoint:
    @extend_schema(
        operation_id=f"edit_{cls.one}",
        request=cls.changes,
        responses=cls.shown_by.get("change", cls.shown),
    )
    @options(is_long=cls.has_long_changes)
    def endpoint(self: Resource, request: Request, **path: str) -> Response:
        who, row = author(request), self.named(request, **path)
        changed = self.change(who, row, read(self.changes, request.data))
        return Response(self.show(who, changed, "change"))

    return endpoint


def _destroy(cls: type[Resource]) -> Endpoint:
    @extend_schema(operation_id=f"delete_{cls.one}", responses={200: cls.deleted})
    @options(is_long=cls.has_long_changes)
    def endpoint(self: Resource, request: Request, **path: str) -> Response:
        row = self.named(request, **path)
        shown = cls.deleted({"id": row.pk, "deleted": True}).data
        self.remove(author(request), row)
        return Response(shown)

    return endpoint


#: The methods of a resource, and the endpoint that each makes.
ENDPOINTS: tuple[tuple[str, str, Callable[[type[Resource]], Endpoint]], ...] = (
    ("rows", "list", _list),
    ("make", "create", _create),
    ("find", "retrieve", _retrieve),
    ("change", "partial_update", _partial_update),
    ("remove", "destroy", _destroy),
)


def find_post(request: Request, post_id: str) -> Post:
    """Return the caller's post. Raises RequestRefused, also for a post out of its reach."""
    found = queries.post(reach_of(request), public_ids.decode(public_ids.POST, post_id))
    return known(found, "post")
