"""Connect by consent: which server asks for it, who is believed, and what tokens are bound to."""

import dataclasses
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest

from platforms.bluesky.adapter import Bluesky
from platforms.bluesky.oauth import client
from platforms.bluesky.proof import dpop, keys
from platforms.drafts import Draft
from platforms.errors import Rejected, Unauthorized, Unavailable
from platforms.oauth import App, ConsentRequest, Profile, Tokens
from platforms.outcomes import Published
from tests.conftest import Simulator
from tests.platforms.bluesky.account import PASSWORD, SERVER, new_did
from tests.platforms.connecting import BACK, VERIFIER, Connecting, connecting
from tests.platforms.driver import Drive
from tests.platforms.samples import SHAPED, VIDEO

ELSEWHERE = "https://pds.pigeons.example"
LOCAL_BACK = "http://127.0.0.1:8000/connect/bluesky/return"


@pytest.fixture
def c(simulator: Simulator):
    yield connecting(simulator, "bluesky", "bluesky")
    simulator.set("bluesky", "authorizes", "https://bsky.social")


def local(c: Connecting) -> None:
    """From now on, an installation on this computer."""
    app = c.login.own_app(LOCAL_BACK, keys.new)  # type: ignore[attr-defined]
    c.app = dataclasses.replace(c.app, client_id=app.client_id, client_secret=app.client_secret)


def profile(c: Connecting) -> Profile:
    [found] = c.profiles(c.tokens())
    return found


def drive(c: Connecting, found: Profile, tokens: Tokens | None = None) -> Drive:
    account = dataclasses.replace(
        c.credentials(tokens or found.tokens), username=found.username, extra=found.extra
    )
    return Drive(Bluesky(), account, c.simulator)


def renewed(c: Connecting, found: Profile, **extra: str) -> Tokens:
    account = dataclasses.replace(c.credentials(found.tokens), extra={**found.extra, **extra})
    return c.call(lambda http: c.login.refresh(App("", ""), account, http))


def test_a_consent_becomes_a_profile_without_any_password(c: Connecting):
    found = profile(c)
    assert (found.platform_account_id, found.display_name) == (c.account, "Acme")
    assert found.name == f"@{found.username}"
    assert found.extra.keys() == {"pds", "issuer", "client_id", "client_secret", "dpop_key"}
    assert found.extra["issuer"] == SERVER["pds"]
    assert set(found.tokens.scopes) == {"atproto", "transition:generic"}
    for secret in (found.extra["dpop_key"], found.extra["client_secret"], found.tokens.refresh):
        assert secret not in repr(found)


def test_the_page_is_told_by_a_reference_alone(c: Connecting):
    asked = parse_qs(urlsplit(c.address()).query)
    assert asked.keys() == {"client_id", "request_uri"}


def test_a_reference_opens_one_consent(c: Connecting):
    page = c.address()
    c.location(address=page)
    assert c.simulator.http.get(page).status_code == 400


def test_posts_files_numbers_and_deletions_work_with_a_consent(c: Connecting):
    posting = drive(c, profile(c))
    result = posting.finish(Draft("Coo", (SHAPED,)))
    assert isinstance(result, Published)
    assert result.id in posting.read_metrics(result.id)
    assert posting.read_followers()
    assert posting.delete(result.id) == "deleted"


def test_a_video_is_uploaded_with_a_consent(c: Connecting):
    posting = drive(c, profile(c))
    posting.set("processing_seconds", 0.2)
    assert isinstance(posting.finish(Draft("Look", (VIDEO,))), Published)


def test_a_post_goes_on_when_the_server_changes_its_nonce(c: Connecting):
    posting = drive(c, profile(c))
    for draft in (Draft("One"), Draft("Two"), Draft("Three", (SHAPED,))):
        # A text's only call with the token is the one that publishes.
        c.simulator.advance(600)
        posting.checkpoint = {}
        assert isinstance(posting.finish(draft), Published)
    assert [post["text"] for post in posting.public()] == ["Three", "Two", "One"]


def test_a_token_is_worth_nothing_without_its_key(c: Connecting):
    found = profile(c)
    posting = drive(c, found)
    thief = dataclasses.replace(posting.account, extra={**found.extra, "dpop_key": keys.new()})
    posting.account = thief
    assert isinstance(posting.fails(Draft("Stolen")), Unauthorized)
    posting.account = dataclasses.replace(thief, extra=SERVER)
    assert isinstance(posting.fails(Draft("Stolen")), Unauthorized)
    assert posting.public() == []


def test_a_refresh_gives_a_new_pair_and_a_second_use_ends_both(c: Connecting):
    found = profile(c)
    new = renewed(c, found)
    assert new.access not in ("", found.tokens.access)
    assert new.refresh not in ("", found.tokens.refresh)
    assert new.extra == {}
    with pytest.raises(Unauthorized):
        renewed(c, found)
    posting = drive(c, found, new)
    assert isinstance(posting.fails(Draft("Coo")), Unauthorized)


def test_a_login_outlives_another_public_url(c: Connecting):
    found = profile(c)
    local(c)
    assert renewed(c, found).access


def test_a_login_of_another_client_is_not_renewed(c: Connecting):
    found = profile(c)
    with pytest.raises(Unavailable) as caught:
        renewed(c, found, client_secret=keys.new())
    assert (caught.value.code, caught.value.actor) == ("app_refused", "operator")


def test_an_installation_on_this_computer_needs_no_document(c: Connecting):
    c.simulator.set("bluesky", "documents", {})
    local(c)
    known, account = c.app, c.account
    asked = ConsentRequest(LOCAL_BACK, "s", VERIFIER)
    app, page = c.call(
        lambda http: c.login.leave(known, account, asked, http)  # type: ignore[attr-defined]
    )
    assert app.client_secret == ""
    where = c.simulator.consent(page.replace("https:/", c.simulator.url, 1), account)
    answer = dict(parse_qsl(urlsplit(where).query))
    assert where.startswith(LOCAL_BACK)
    tokens = c.call(lambda http: c.login.exchange(app, answer["code"], LOCAL_BACK, VERIFIER, http))
    assert tokens.extra == {"did": account}


@pytest.mark.parametrize("back", ["http://localhost:8000/r/return", "http://10.0.0.8/r/return"])
def test_an_installation_without_https_says_what_to_do(c: Connecting, back: str):
    with pytest.raises(Rejected, match="app password"):
        c.login.own_app(back, keys.new)  # type: ignore[attr-defined]
    assert c.login.document(client.KEYS, back, keys.new) is None  # type: ignore[attr-defined]


def test_a_consent_begins_at_a_servers_address_too(c: Connecting):
    c.named = "https://bsky.social/"
    assert profile(c).platform_account_id == c.account


def test_the_account_that_was_entered_must_be_the_one_that_signs_in(c: Connecting):
    page = c.address()
    c.account = new_did()
    facts = {**SERVER, "password": PASSWORD}
    c.simulator.connect("bluesky", c.account, username=f"{c.account[-12:]}.test", extra=facts)
    code = c.returned(address=page)["code"]
    with pytest.raises(Rejected, match="another account") as caught:
        c.exchange(code)
    assert caught.value.code == "handle_refused"


def test_a_server_speaks_only_for_accounts_that_name_it(c: Connecting):
    c.named = "https://bsky.social"
    tokens = c.tokens()
    c.simulator.set("bluesky", "pds", ELSEWHERE, c.account)
    with pytest.raises(Rejected, match="another server"):
        c.profiles(tokens)


def test_an_answer_of_another_server_is_not_taken(c: Connecting):
    returned = c.returned()
    assert c.login.is_returned_by(c.app, returned)
    assert not c.login.is_returned_by(c.app, {**returned, "iss": ELSEWHERE})
    assert not c.login.is_returned_by(c.app, {"code": returned["code"]})


@pytest.mark.parametrize(
    "named", ["", "http://bsky.social", "https://bsky.social/path", ELSEWHERE + "?a=b"]
)
def test_a_server_without_a_sign_in_that_can_be_used_leads_to_the_app_password(
    c: Connecting, named: str
):
    c.simulator.set("bluesky", "authorizes", named)
    with pytest.raises(Rejected, match="enter an app password"):
        c.address()


@pytest.mark.parametrize("named", ["https://127.0.0.1", "https://10.0.0.8", "https://localhost"])
def test_a_sign_in_at_a_private_address_is_sent_nothing(c: Connecting, named: str):
    c.simulator.set("bluesky", "authorizes", named)
    with pytest.raises(Unavailable) as caught:
        c.address()
    assert caught.value.code == "address_refused"


def test_no_code_or_key_is_in_an_error(c: Connecting):
    code = c.returned()["code"]
    c.exchange(code)
    with pytest.raises(Unauthorized) as caught:
        c.exchange(code)
    shown = f"{caught.value!r} {caught.value.message} {caught.value.body}"
    for secret in (code, c.app.client_secret, c.app.extra["dpop_key"]):
        assert secret not in shown


def test_the_documents_say_the_same_as_the_requests():
    key = keys.new()
    metadata, known = client.metadata(BACK), client.public_keys(key)
    assert metadata["client_id"] == client.id_of(BACK)
    assert metadata["jwks_uri"].endswith(client.KEYS)
    fields = client.credentials(App(metadata["client_id"], key), "https://bsky.social")
    [public] = known["keys"]
    assert "d" not in public
    says = jwt.decode(
        fields["client_assertion"], jwt.PyJWK(public), ["ES256"], audience="https://bsky.social"
    )
    assert says["iss"] == says["sub"] == metadata["client_id"]


def test_nonces_are_kept_for_so_many_servers(monkeypatch):
    monkeypatch.setattr(dpop, "MOST_SERVERS", 2)
    for number in range(4):
        dpop._remember(f"https://{number}.example", "nonce")
    assert list(dpop._nonces)[-2:] == ["https://2.example", "https://3.example"]
    assert len(dpop._nonces) == 2
