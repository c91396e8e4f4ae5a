"""Resources that no feature declares: what a resource offers follows from what it has."""

from typing import ClassVar

import pytest
from django.urls import include, path
from rest_framework import serializers
from rest_framework.response import Response

from destinations.runtime import clock
from posts.api import routing
from posts.api.resources import Resource
from posts.api.serializers.fields import StrictSerializer, TextField
from posts.api.serializers.resources import ChangesSerializer
from posts.features.hashtags.models import HashtagSet
from tests.factories import make_workspace
from tests.posts.conftest import make_caller


class ShownSerializer(serializers.Serializer):
    name = serializers.CharField()


class NewSerializer(StrictSerializer):
    name = TextField(help_text="As it is new.")
    note = TextField(help_text="About it.")


class EditSerializer(ChangesSerializer, NewSerializer):
    texts: ClassVar = {"name": "As it changes."}


class Listed(Resource):
    one, many = "hashtag_set", "hashtag_sets"
    shown = ShownSerializer
    changes = EditSerializer

    def rows(self, who, asked):
        """List sets."""
        return HashtagSet.objects.filter(workspace=who.workspace_id).order_by("name")


class Changed(Listed):
    reads = "Read one."

    def change(self, who, row, values):
        """Change one."""
        row.name = values["name"]
        return row

    def list(self, request):
        return Response({"by": "hand"})


class BelowByHand(Changed):
    pass


urlpatterns = [
    path("api/v1/listed/", include(routing.resource("sets", Listed, "listed"))),
    path("api/v1/changed/", include(routing.resource("sets", BelowByHand, "changed"))),
]


def make_set(ada):
    values = {"name": "Spring", "hashtags": ["spring"], "updated_at": clock.now()}
    return HashtagSet.objects.create(workspace=ada.workspace, **values).pk


@pytest.fixture(autouse=True)
def _these_resources(settings):
    settings.ROOT_URLCONF = __name__


def test_a_resource_without_more_is_only_listed(ada):
    spring = make_set(ada)
    assert ada.get("/listed/sets").json()["data"] == {"hashtag_sets": [{"name": "Spring"}]}
    assert ada.post("/listed/sets", {}).status_code == 405
    assert ada.get(f"/listed/sets/{spring}").status_code == 404


def test_rows_out_of_reach_are_not_there(ada):
    address = f"/changed/sets/{make_set(ada)}"
    bob = make_caller(make_workspace("Beta"), "Bob")
    for answer in (bob.get(address), bob.patch(address, {})):
        assert answer.status_code == 404
        assert answer.json()["error"]["message"] == "There is no such hashtag set."


def test_a_change_has_at_least_one_field_and_none_that_is_required(ada):
    address = f"/changed/sets/{make_set(ada)}"
    assert ada.patch(address, {"name": "Summer"}).json()["data"] == {"name": "Summer"}
    for nothing in ({}, {"name": None}):
        error = ada.patch(address, nothing).json()["error"]
        assert error["message"] == "Send at least one field to change."
    fields = EditSerializer().fields
    assert [fields[name].help_text for name in fields] == ["As it changes.", "About it."]


def test_an_endpoint_that_is_written_by_hand_stays(ada):
    assert ada.get("/changed/sets").json()["data"] == {"by": "hand"}
