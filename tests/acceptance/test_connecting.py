"""A person connects an account in a browser, on every network, and it can be posted to."""

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from platforms.oauth import OAuth
from platforms.registry import ADAPTERS
from tests.acceptance.browser import launched, opened
from tests.acceptance.stack import Stack
from tests.acceptance.team import Team, new_id
from tests.platforms.bluesky.account import PASSWORD, SERVER, new_did
from tests.platforms.driver import clip, image

pytestmark = pytest.mark.needs("chromium")

LOGINS = [
    (key, name)
    for key, adapter in ADAPTERS.items()
    for name, login in adapter.logins.items()
    if isinstance(login, OAuth)
]
CLIPS = ("tiktok", "youtube")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


def person(stack: Stack, platform: str, name: str = "Ada") -> str:
    """A person at the simulated network who has connected nothing yet; their id there."""
    digits = str(uuid.uuid4().int)[:15]
    number = new_id(platform, digits)
    stack.simulator.connect(platform, number, name=f"{name} {digits[:5]}", username=f"ada{digits}")
    return number


def set_up(stack: Stack, login: str) -> None:
    """Register the stack's app at the network, as its operator has to."""
    app = {
        "network": login.partition("_")[0],
        "client_id": f"app-{login}",
        "client_secret": f"secret-{login}",
        "redirect_uris": [f"{stack.url}/connect/{login}/return"],
    }
    stack.simulator.http.post("/control/apps", json=app).raise_for_status()


def link(team: Team, path: str = "accounts/connect-link", **body: str) -> str:
    made = team.http.post(path, json=body)
    assert made.is_success, made.text
    return str(made.json()["data"]["url"])


def consent(page: Page, address: str, number: str) -> None:
    """Open the link, log in at the network as `number` if it asks, and allow everything."""
    page.goto(address)
    page.get_by_role("button", name="Continue").click()
    for label, filled_in in {"Server": number.rpartition("@")[2], "Handle": number}.items():
        if page.get_by_label(label).count():
            page.get_by_label(label).fill(filled_in)
            page.get_by_role("button", name="Continue").click()
    theirs = page.locator(f'input[name="account"][value="{number}"]')
    if theirs.count():
        theirs.check()
    page.get_by_role("button", name="Allow").click()


def choose_all(page: Page) -> None:
    """Agree to what the network offers: to every profile if there are several."""
    page.wait_for_url("**/connect/*/choice*")
    for box in page.locator('input[type="checkbox"][name="profile"]').all():
        box.check()
    page.get_by_role("button", name=re.compile("^(Connect|Reconnect)$")).click()


def publish(team: Team, platform: str, account: dict) -> None:
    media = []
    if platform in CLIPS:
        media = [team.upload("video.mp4", "video/mp4", clip())]
    elif ADAPTERS[platform].limits.media_required:
        media = [team.upload("picture.jpg", "image/jpeg", image(640, 640, "JPEG"))]
    fields = {"media_ids": media} if media else {}
    post = team.post(f"Hello {uuid.uuid4().hex}", [account["id"]], **fields)
    [result] = team.published(post)
    assert result["platform"] == platform


@pytest.mark.parametrize(("platform", "login"), LOGINS)
def test_an_account_is_connected_by_its_owner_and_can_be_posted_to(
    stack: Stack, browser: Browser, platform: str, login: str
):
    team = stack.team()
    set_up(stack, login)
    number = person(stack, platform)
    with opened(browser) as page:
        consent(page, link(team, platform=platform, login=login), number)
        choose_all(page)
        expect(page.get_by_role("heading", name="Connected")).to_be_visible()
        assert "code=" not in page.url

    accounts = team.http.get("accounts").json()["data"]["accounts"]
    assert accounts
    for account in accounts:
        assert (account["platform"], account["health"]["can_post"]) == (platform, True)
        health = team.http.get(f"accounts/{account['id']}/health").json()["data"]
        assert health["connected_at"] is not None
        team.accounts[account["id"]] = (platform, health["platform_account_id"])
    publish(team, platform, accounts[0])


def test_an_account_is_connected_by_a_form_and_can_be_posted_to(stack: Stack, browser: Browser):
    team, did = stack.team(), new_did()
    handle = f"{did[-12:]}.bsky.social"
    facts = {**SERVER, "password": PASSWORD}
    stack.simulator.connect("bluesky", did, username=handle, extra=facts)
    with opened(browser) as page:
        page.goto(link(team, platform="bluesky"))
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Handle").fill(handle)
        page.get_by_label("App password").fill("abcd-abcd-abcd-abcd")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("Handle")).to_have_value(handle)
        expect(page.get_by_label("App password")).to_have_value("")
        page.get_by_label("App password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        choose_all(page)
        expect(page.get_by_role("heading", name="Connected")).to_be_visible()

    [account] = team.http.get("accounts").json()["data"]["accounts"]
    team.accounts[account["id"]] = ("bluesky", did)
    publish(team, "bluesky", account)


def test_an_owner_who_said_no_can_think_again(stack: Stack, browser: Browser):
    team = stack.team()
    set_up(stack, "x")
    number = person(stack, "x")
    with opened(browser) as page:
        page.goto(link(team, platform="x"))
        page.get_by_role("button", name="Continue to X").click()
        page.get_by_role("button", name="Deny").click()
        expect(page.get_by_role("heading", name="You declined")).to_be_visible()
        page.get_by_role("link", name="Start again").click()
        page.get_by_role("button", name="Continue to X").click()
        page.locator(f'input[name="account"][value="{number}"]').check()
        page.get_by_role("button", name="Allow").click()
        page.get_by_role("button", name="Do not connect").click()
        expect(page.get_by_role("heading", name="Nothing was connected")).to_be_visible()
        page.get_by_role("link", name="Start again").click()
        page.get_by_role("button", name="Continue to X").click()
        page.locator(f'input[name="account"][value="{number}"]').check()
        page.get_by_role("button", name="Allow").click()
        choose_all(page)
        expect(page.get_by_role("heading", name="Connected")).to_be_visible()


def test_what_was_missed_is_sent_once_the_account_is_reconnected(stack: Stack, browser: Browser):
    team = stack.team()
    set_up(stack, "x")
    number = person(stack, "x")
    with opened(browser) as page:
        consent(page, link(team, platform="x"), number)
        choose_all(page)
        expect(page.get_by_role("heading", name="Connected")).to_be_visible()
        [account] = team.http.get("accounts").json()["data"]["accounts"]
        team.accounts[account["id"]] = ("x", number)
        # The owner has taken the app's rights away: neither token is good any more.
        fault = {"network": "x", "account": number, "call": "create_post", "status": 401}
        stack.simulator.http.post("/control/faults", json=fault).raise_for_status()
        post = team.post("Missed")
        stack.wait("the post fails", lambda: team.results(post)[0]["status"] == "failed")
        stack.simulator.http.delete("/control/faults").raise_for_status()
        health = team.http.get(f"accounts/{account['id']}/health").json()["data"]
        assert (health["status"], health["reasons"]) == ("broken", ["needs_reconnection"])

        consent(page, link(team, f"accounts/{account['id']}/reconnect"), number)
        choose_all(page)
        expect(page.get_by_role("heading", name="Reconnected")).to_be_visible()
        page.get_by_role("button", name="Send it now").click()
        expect(page.get_by_role("status")).to_contain_text("1 post is being sent again now")

    team.assert_each_once(team.published(post))
