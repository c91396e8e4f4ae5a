"""Resources that no feature declares: what a resource offers follows from what it has."""

from typing import ClassVar

import pytest
from django.urls import include, path
from rest_framework import serializers
from rest_framework.response import Response

from destinations.runtime import clock
from posts.api import routing
from posts.api.resources import PRIVATE, Resource
from posts.api.serializers.fields import StrictSerializer, TextField
from posts.api.serializers.queries import ResourceQuery
from posts.api.serializers.resources import ChangesSerializer, ResourcePageSerializer
from posts.features.hashtags.models import HashtagSet
from tests.factories import make_workspace
from tests.posts.conftest import make_caller


class ShownSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class ShownOnceSerializer(ShownSerializer):
    secret = serializers.CharField()


class NewSerializer(StrictSerializer):
    name = TextField(help_text="As it is new.")
    note = TextField(help_text="About it.")


class EditSerializer(ChangesSerializer, NewSerializer):
    texts: ClassVar = {"name": "As it changes."}


class Listed(Resource):
    one, many = "hashtag_set", "hashtag_sets"
    shown = ShownSerializer
    query = ResourceQuery
    pagination = ResourcePageSerializer()

    def rows(self, who, asked):
        """List sets."""
        return HashtagSet.objects.filter(workspace=who.workspace_id).order_by("name")


class Made(Listed):
    shown_by: ClassVar = {"make": ShownOnceSerializer}
    new = NewSerializer
    changes = EditSerializer
    reads = "Read one."

    def make(self, who, values):
        """Make one."""
        made = make_set(who.workspace_id, values["name"])
        made.secret = "shown once"
        return made

    def change(self, who, row, values):
        """Change one."""
        row.name = values["name"]
        return row

    def remove(self, who, row):
        """Delete one."""
        row.delete()


class ByHand(Made):
    def list(self, request):
        return Response({"by": "hand"})


class BelowByHand(ByHand):
    pass


urlpatterns = [
    path("api/v1/listed/", include(routing.resource("sets", Listed, "listed"))),
    path("api/v1/made/", include(routing.resource("sets", Made, "made"))),
    path("api/v1/below/", include(routing.resource("sets", BelowByHand, "below"))),
]


def make_set(workspace_id, name) -> HashtagSet:
    return HashtagSet.objects.create(
        workspace_id=workspace_id, name=name, hashtags=["spring"], updated_at=clock.now()
    )


@pytest.fixture(autouse=True)
def _these_resources(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def spring(ada) -> str:
    return f"/made/sets/{make_set(ada.workspace.pk, 'Spring').pk}"


def test_a_resource_without_more_is_only_listed(ada):
    sets = [make_set(ada.workspace.pk, name) for name in ("Spring", "Autumn")]

    page = ada.get("/listed/sets?limit=1").json()["data"]
    assert page == {
        "hashtag_sets": [{"id": str(sets[1].pk), "name": "Autumn"}],
        "pagination": {"limit": 1, "offset": 0, "total": 2, "has_more": True},
    }
    assert ada.post("/listed/sets", {}).status_code == 405
    assert ada.get(f"/listed/sets/{sets[0].pk}").status_code == 404


def test_what_is_shown_once_is_for_its_reader_alone(ada):
    answer = ada.post("/made/sets", {"name": "Spring", "note": "New"})

    assert answer.status_code == 201
    assert answer.json()["data"]["secret"] == "shown once"
    assert answer.headers["Cache-Control"] == PRIVATE["Cache-Control"]
    assert "secret" not in ada.get("/made/sets").json()["data"]["hashtag_sets"][0]


def test_rows_out_of_reach_are_not_there(spring):
    bob = make_caller(make_workspace("Beta"), "Bob")

    for ask in (bob.get, bob.delete, lambda path: bob.patch(path, {})):
        answer = ask(spring)
        assert answer.status_code == 404
        assert answer.json()["error"]["message"] == "There is no such hashtag set."


def test_a_change_has_at_least_one_field_and_none_that_is_required(ada, spring):
    assert ada.patch(spring, {"name": "Summer"}).json()["data"]["name"] == "Summer"
    for nothing in ({}, {"name": None}):
        answer = ada.patch(spring, nothing)
        assert answer.json()["error"]["message"] == "Send at least one field to change."
    fields = EditSerializer().fields
    assert [fields[name].help_text for name in fields] == ["As it changes.", "About it."]


def test_a_deletion_answers_with_the_id(ada, spring):
    answer = ada.delete(spring)

    assert answer.json()["data"] == {"id": spring.rpartition("/")[2], "deleted": True}
    assert not HashtagSet.objects.exists()


def test_an_endpoint_that_is_written_by_hand_stays(ada):
    assert ada.get("/below/sets").json()["data"] == {"by": "hand"}
