"""The simulator as a tester sees it: wall, faults, restarts."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from deploy.simulator.server import server
from deploy.simulator.state.store import Store
from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown
from platforms.facebook.adapter import Facebook
from platforms.linkedin.adapter import LinkedIn
from platforms.outcomes import Published
from platforms.x.adapter import X
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media
from tests.until import CONNECT_SECONDS


def connect(simulator: Simulator, number: str) -> Drive:
    token = simulator.connect("x", number, name="<b>Acme</b>")
    return Drive(X(), Credentials(number, "acme", token), simulator)


def test_the_wall_shows_posts_escaped_with_links_and_pictures(simulator: Simulator):
    drive = connect(simulator, "501")
    drive.publish(
        Draft("<script>alert(1)</script>\nhttps://example.com/", (media(alt_text='"a"'),))
    )
    page = simulator.http.get("/wall").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Acme&lt;/b&gt;" in page
    assert '<a href="https://example.com/"' in page
    assert 'alt="&#34;a&#34;"' in page


def test_the_front_page_is_the_wall_and_an_empty_wall_says_so(simulator: Simulator):
    assert simulator.http.get("/").headers["location"] == "/wall"
    assert "Nothing is public yet" in simulator.http.get("/wall").text


def test_the_wall_can_be_filtered(simulator: Simulator):
    connect(simulator, "501").publish(Draft("One"))
    connect(simulator, "502").publish(Draft("Two"))
    found = simulator.http.get("/wall.json", params={"network": "x", "account": "502"}).json()
    assert (found["total"], [post["text"] for post in found["posts"]]) == (1, ["Two"])
    assert simulator.http.get("/wall.json", params={"network": "tiktok"}).json()["total"] == 0
    assert "One" not in simulator.http.get("/wall", params={"account": "502"}).text


@pytest.mark.parametrize(
    "query", ["limit=x", "limit=-1", "offset=1e3", "limit=99999999999999999999"]
)
def test_invalid_limits_are_refused(simulator: Simulator, query: str):
    assert simulator.http.get(f"/wall.json?{query}").status_code == 400


def test_an_unknown_file_is_not_found(simulator: Simulator):
    assert simulator.http.get("/files/nothing").status_code == 404


@pytest.mark.parametrize(("drop", "public"), [("before", 0), ("after", 1), ("middle", 1)])
def test_a_connection_is_dropped_before_or_after_the_effect(
    simulator: Simulator, drop: str, public: int
):
    drive = connect(simulator, "503")
    simulator.fault("x", call="create_post", drop=drop, times=1)
    drive.raises(OutcomeUnknown, Draft("Hello"))
    assert len(simulator.posts("x", "503")) == public


def test_an_answer_is_cut_after_its_headers_and_half_of_its_body(simulator: Simulator):
    token = connect(simulator, "507").account.token
    simulator.fault("x", call="create_post", drop="middle", times=1)
    request = {"headers": {"Authorization": f"Bearer {token}"}, "json": {"text": "Hello"}}
    received = b""
    with (
        simulator.http.stream("POST", "/api.x.com/2/tweets", **request) as answer,
        suppress(httpx.RemoteProtocolError),
    ):
        for piece in answer.iter_raw():
            received += piece
    assert answer.status_code == 201
    assert len(received) == int(answer.headers["content-length"]) // 2
    assert len(simulator.posts("x", "507")) == 1


def test_an_answer_without_a_body_can_be_cut_too(simulator: Simulator):
    author = {"author": "urn:li:organization:508"}
    token = simulator.connect("linkedin", "508", extra=author)
    drive = Drive(LinkedIn(), Credentials("508", "acme", token, extra=author), simulator)
    simulator.fault("linkedin", call="create_post", drop="middle", times=1)
    drive.raises(OutcomeUnknown, Draft("Hello"))
    assert len(simulator.posts("linkedin", "508")) == 1


def test_an_answer_delayed_past_the_timeout_is_lost_and_its_effect_stays(simulator: Simulator):
    drive = connect(simulator, "504")
    drive.timeout_seconds = CONNECT_SECONDS
    simulator.fault("x", call="create_post", delay_seconds=2 * CONNECT_SECONDS, times=1)
    drive.raises(OutcomeUnknown, Draft("Hello"))
    assert len(simulator.posts("x", "504")) == 1
    assert httpx.get(simulator.url + "/wall", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accounts", "{"),
        ("accounts", "[]"),
        ("accounts", '{"network":"x"}'),
        ("accounts", '{"network":"x","id":5,"name":"a","username":"a","token":"t"}'),
        ("faults", "{"),
        ("faults", '{"network":"x","colour":1}'),
        ("faults", '{"network":5}'),
        ("faults", '{"network":"x","status":"500"}'),
        ("faults", '{"network":"x","status":99}'),
        ("faults", '{"network":"x","drop":"sometimes"}'),
    ],
)
def test_control_refuses_invalid_values(simulator: Simulator, path: str, body: str):
    answer = simulator.http.post(f"/control/{path}", content=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert simulator.http.get("/control/faults").json()["faults"] == []


def test_the_control_page_lists_accounts_and_faults(simulator: Simulator):
    connect(simulator, "505")
    simulator.fault("x", account="505", drop="after")
    simulator.fault("x", account="505", drop="middle")
    page = simulator.http.get("/control").text
    assert "&lt;b&gt;Acme&lt;/b&gt;" in page
    assert "dropped after" in page
    assert "cut in the middle" in page


@contextmanager
def simulator_at(home: Path) -> Iterator[Simulator]:
    running = server(home, 0)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    with httpx.Client(base_url=url, trust_env=False) as http:
        yield Simulator(url, http)
    running.should_exit = True
    thread.join(10)


def test_a_restart_loses_nothing(tmp_path: Path):
    with simulator_at(tmp_path) as first:
        token = first.connect("facebook", "506")
        drive = Drive(Facebook(), Credentials("506", "acme", token), first)
        drive.finish(Draft("Before", (media(),)))
        drive.checkpoint = {}
        first.fault("facebook", call="change_post", drop="before", times=1)
        with pytest.raises(OutcomeUnknown):
            drive.finish(Draft("Hidden until shown"))
        before = first.http.get("/wall.json").json()
        (file,) = before["posts"][0]["media"]
        picture = first.http.get(f"/files/{file}").content

    with simulator_at(tmp_path) as second:
        assert second.http.get("/wall.json").json() == before
        assert second.http.get(f"/files/{file}").content == picture
        assert second.http.get("/control/faults").json()["faults"] == []
        drive.gateway = second.url
        assert isinstance(drive.finish(Draft("Hidden until shown")), Published)
        assert [post["text"] for post in second.posts()] == ["Hidden until shown", "Before"]


def test_the_control_page_shows_faults_settings_and_the_clock(simulator: Simulator):
    connect(simulator, "501")
    simulator.fault("x", account="501", call="create_post", status=503)
    simulator.set("x", "listing_lag_seconds", 30, account="501")
    simulator.advance(3600)
    page = simulator.http.get("/control").text
    assert "create_post:" in page
    assert "listing_lag_seconds = 30" in page
    assert "3600 seconds ahead" in page


@pytest.mark.parametrize("path", ["/", "/control", "/api.x.com/2/users/me"])
def test_an_unknown_host_name_is_not_answered(simulator: Simulator, path: str):
    """DNS rebinding: a hostile page could use what listens on its visitor's machine."""
    asked = simulator.http.get(path, headers={"Host": "attacker.example:8002"})

    assert (asked.status_code, asked.text) == (400, "Invalid host header")
    for name in ("127.0.0.1:8002", "localhost"):
        assert simulator.http.get("/control", headers={"Host": name}).status_code == 200


@pytest.mark.parametrize("what", ["apps", "settings", "clock"])
def test_control_refuses_an_undocumented_body(simulator: Simulator, what: str):
    for body in ({}, [], "word"):
        answer = simulator.http.post(f"/control/{what}", json=body)
        assert (answer.status_code, "not as documented" in answer.text) == (400, True)


def test_only_its_user_can_read_the_simulators_files(tmp_path: Path):
    before = os.umask(0o022)
    try:
        store = Store(tmp_path)
        store.write_file(b"a", "image/png")
    finally:
        os.umask(before)

    found = sorted((path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir())
    store.close()
    assert found == [
        ("files", 0o700),
        ("simulator.db", 0o600),
        ("simulator.db-shm", 0o600),
        ("simulator.db-wal", 0o600),
    ]


def test_a_setting_of_an_account_wins_over_its_networks(tmp_path: Path):
    store = Store(tmp_path)
    assert store.setting("x", "1", "listing_lag_seconds", 0) == 0
    store.set("x", "", "listing_lag_seconds", 5)
    store.set("x", "1", "listing_lag_seconds", 9)
    assert store.setting("x", "1", "listing_lag_seconds", 0) == 9
    assert store.setting("x", "2", "listing_lag_seconds", 0) == 5
    store.close()
