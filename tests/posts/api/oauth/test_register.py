"""Programs register themselves, and gain nothing by it."""

import secrets
from datetime import timedelta

import pytest
from django.test import Client

from destinations.runtime import clock
from posts.keys.oauth import clients
from posts.models import OAuthClient
from tests.posts.api.cases import cases
from tests.posts.keys.oauth.program import REDIRECT, refused, register, somewhere

pytestmark = pytest.mark.django_db


def test_a_program_gets_an_id():
    answer = register(client_name="Claude", scope="read")

    found = answer.json()
    client = OAuthClient.objects.get()
    assert answer.status_code == 201
    assert found["client_id"] == str(client.pk)
    assert found["redirect_uris"] == client.redirect_uris == [REDIRECT]
    assert found["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in found
    assert answer["Cache-Control"] == "no-store"


def test_an_editor_registers_its_own_scheme_beside_https_and_localhost():
    uris = [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
    ]

    found = register(client_name="Cursor", redirect_uris=uris)

    assert found.status_code == 201
    assert found.json()["redirect_uris"] == uris


@cases("method", ["client_secret_post", "client_secret_basic"])
def test_a_program_that_asks_for_a_secret_gets_one_once(method):
    found = register(token_endpoint_auth_method=method).json()

    assert found["client_secret"].startswith("pe_client_")
    assert found["client_secret_expires_at"] == 0
    assert found["client_secret"] not in OAuthClient.objects.get().secret_hash


@cases(
    ("said", "error"),
    [
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": REDIRECT}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [REDIRECT, "http://evil.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"{REDIRECT}/{n}" for n in range(11)]}, "invalid_redirect_uri"),
        ({"redirect_uris": [{"a": 1}]}, "invalid_redirect_uri"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": ["none"]}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": "authorization_code"}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
    ],
)
def test_what_cannot_be_is_refused(said, error):
    refused(register(**said), error)
    assert not OAuthClient.objects.exists()


@cases("body", [b"", b"[]", b"{", b"\xff", b"[" * 50_000, b" " * 70_000])
def test_a_body_that_is_no_object_is_refused(body):
    answer = Client().post(
        "/oauth/register", body, content_type="application/json", REMOTE_ADDR=somewhere()
    )

    refused(answer, "invalid_client_metadata")


@cases(
    ("name", "shown"),
    [
        ("  Claude\n\n  Code ", "Claude Code"),
        ("a\x00b\u202ec\u200bd", "a b c d"),
        ("x" * 300, "x" * 100),
        ("", clients.UNNAMED),
        (None, clients.UNNAMED),
        (7, clients.UNNAMED),
        ("\u202e", clients.UNNAMED),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_a_name_becomes_one_plain_line(name, shown):
    assert register(client_name=name).json()["client_name"] == shown


def test_an_address_may_register_only_so_often():
    address = somewhere()
    for _ in range(10):
        assert register(address=address).status_code == 201

    answer = register(address=address)

    refused(answer, "temporarily_unavailable", 429)
    assert int(answer["Retry-After"]) > 0
    assert register().status_code == 201


def test_all_addresses_of_one_network_register_only_so_often():
    network = f"2001:db8:{secrets.randbelow(2**16):x}"
    for number in range(30):
        assert register(address=f"{network}:{number:x}::1").status_code == 201

    refused(register(address=f"{network}:ffff::1"), "temporarily_unavailable", 429)
    assert register().status_code == 201


def test_a_flood_of_registrations_makes_place_for_itself_and_locks_no_other_out(monkeypatch):
    monkeypatch.setattr(clients, "MOST_UNUSED", 5)
    flood = somewhere()
    waiting = register(client_name="waits for consent").json()["client_id"]
    for number in range(9):
        assert register(address=flood, client_name=f"flood {number}").status_code == 201

    assert register(client_name="another").status_code == 201

    names = list(OAuthClient.objects.order_by("created_at").values_list("name", flat=True))
    assert names[0] == "waits for consent"
    assert names[-2:] == ["flood 8", "another"]
    assert len(names) <= clients.MOST_UNUSED
    assert clients.find(waiting)


def test_one_that_an_operator_has_allowed_makes_no_place(monkeypatch, program, page, workspace):
    program.code(page, workspace)
    monkeypatch.setattr(clients, "MOST_UNUSED", 1)

    assert [register().status_code for _ in range(2)] == [201, 201]

    assert clients.find(program.client_id)


def test_one_that_no_operator_connected_is_deleted_after_a_day():
    register(client_name="unused")
    register(client_name="used")
    long_ago = clock.now() - timedelta(days=2)
    OAuthClient.objects.update(created_at=long_ago)
    OAuthClient.objects.filter(name="used").update(connected_at=long_ago)

    register(client_name="new")

    assert set(OAuthClient.objects.values_list("name", flat=True)) == {"used", "new"}


def test_an_id_is_known_in_its_own_spelling_only():
    found = register().json()["client_id"]

    assert clients.find(found)
    for other in (found.upper(), found.replace("-", ""), f"{{{found}}}", f"urn:uuid:{found}", ""):
        assert clients.find(other) is None
