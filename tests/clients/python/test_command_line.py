"""The command `dovecote`, as a person or a script runs it."""

import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests import programs
from tests.acceptance.nine_o_clock import LOOK_NOW
from tests.clients.published.ground import Ground
from tests.platforms.driver import image

COMMAND = (sys.executable, "-W", "ignore", "-m", "dovecote.cli")


@pytest.fixture
def environ(site: Path, ground: Ground, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(site),
        "DOVECOTE_URL": ground.stack.url,
        "DOVECOTE_API_KEY": ground.key,
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "COLUMNS": "200",
    }


@pytest.fixture
def run(dovecote: ModuleType, environ: dict[str, str], tmp_path: Path, monkeypatch) -> Callable:
    """The command in this process; what it says, of both kinds."""
    app, show = (import_module(f"dovecote.cli.{name}") for name in ("app", "show"))

    def run(*words: str, code: int = 0, **more: str) -> str:
        told = io.StringIO()
        with monkeypatch.context() as here, redirect_stdout(told), redirect_stderr(told):
            for name, value in {**environ, **more}.items():
                here.setenv(name, value)
            for console in (show.out, show.err):
                here.setattr(console, "width", int(os.environ["COLUMNS"]))
            here.setattr(sys, "argv", ["dovecote", *words])
            here.chdir(tmp_path)
            ended = app.run()
        assert ended == code, told.getvalue()
        return told.getvalue()

    return run


def test_a_post_is_published_and_its_end_is_shown(
    environ: dict[str, str], ground: Ground, tmp_path: Path
):
    (tmp_path / "picture.jpg").write_bytes(image(640, 640, "JPEG"))
    words = ("post", "Hello", "--to", "x,linkedin", "--media", "picture.jpg", "--wait")

    told = programs.run([*COMMAND, *words], cwd=tmp_path, env=environ, timeout=120)

    assert (told.returncode, told.stderr) == (0, ""), told
    assert told.stdout.count("published") == 3
    assert told.stdout.count("https://") == 2
    assert ground.on_the_wall("Hello") == ground.places()


def test_scripts_get_json_and_exit_codes(run: Callable, ground: Ground):
    at = ("--at", "2099-01-01 09:00", "--timezone", "Europe/Berlin")
    later = json.loads(run("schedule", "Later", "--to", "all", *at, "--json"))
    assert later["scheduled_for"].startswith("2099-01-01T08:00:00")
    waiting = json.loads(run("status", later["post_id"], "--json", code=3))
    assert {each["state"] for each in waiting["destinations"]} == {"pending"}
    failed = ground.failing()
    assert json.loads(run("watch", failed, "--json", code=1))["state"] == "failed"
    accounts = json.loads(run("accounts", "--json"))
    assert [each["platform"] for each in accounts] == ["x", "linkedin"]


def test_what_will_fail_is_told_beside_the_post(run: Callable, client, ground: Ground):
    x = ground.of("x")
    off = "UPDATE destinations_account SET is_active = false WHERE id = %s RETURNING 1"
    ground.stack.rows(off, x)

    told = run("schedule", "Soon", "--to", f"{x}", "--at", "2099-01-01 09:00")
    post = client.posts.create("Later", account_ids=[x], scheduled_at="2099-01-01T09:00:00Z")

    assert f"Account {x} will fail: " in told
    assert "[account_inactive]" in told
    assert "scheduled" in told
    assert [(each.code, each.account_id) for each in post.warnings] == [("account_inactive", x)]
    assert "will fail" not in run("post", "Draft", "--to", f"{ground.of('linkedin')}", "--draft")


def test_a_file_is_imported_once_and_refused_rows_are_named(
    run: Callable, client, ground: Ground, tmp_path: Path
):
    rows = f"content,account_ids,draft\nFrom a file,{ground.of('x')},true\nNo account,999,\n"
    (tmp_path / "posts.csv").write_text(rows)

    assert "1 of 2 rows can be imported; 1 refused." in run(
        "import", "posts.csv", "--dry-run", code=1
    )
    assert list(client.posts.list()) == []
    for counted in ("1 of 2 rows imported", "0 new, 1 already there"):
        told = run("import", "posts.csv", code=1)
        assert "Row 2: account_ids" in told
        assert f"{counted}; 1 refused." in told
    assert [each.content for each in client.posts.list()] == ["From a file"]


def test_watching_ends_with_what_may_be_live(run: Callable, client, ground: Ground):
    stack, x = ground.stack, ground.of("x")
    fault = {"account": ground.team.accounts[x][1], "call": "create_post"}
    stack.simulator.fault("x", **fault, drop="before", times=1)
    post = client.posts.publish("Perhaps", x)
    seen = lambda _: stack.rows(f"{LOOK_NOW} RETURNING 1")  # noqa: E731
    assert post.wait(timeout=120, seen=seen).state == "may_be_live"

    told = run("watch", post.id, code=2)

    assert "may be live" in told
    assert client.posts.outcome(post.id).may_be_live[0].to_do in told


@pytest.mark.thorough
def test_a_terminal_shows_whole_links_and_a_pipe_a_line_for_each(
    environ: dict[str, str], run: Callable, client, ground: Ground
):
    post = client.posts.publish("Follow me", "all")
    ended = post.wait(timeout=60).destinations

    piped = run("status", post.id, COLUMNS="40").splitlines()
    told = on_a_terminal(environ, 40, "watch", post.id)

    assert piped[0] == f"{post.id}: published"
    assert [line.split()[0] for line in piped[1:]] == ["published"] * len(ended)
    for each, line in zip(ended, piped[1:], strict=True):
        assert line.endswith(f"  {each.url}")
        assert told.count(f"\n  {each.url}") == 1
    assert told.rstrip().endswith(ended[-1].url)


def on_a_terminal(environ: dict[str, str], columns: int, *words: str) -> str:
    """What a terminal of that width is left with, without colours."""
    ours, its = pty.openpty()
    environ = {**environ, "COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(
        [*COMMAND, *words], env=environ, stdout=its, stderr=its, stdin=its
    ) as run:
        os.close(its)
        told = b""
        # Linux answers with an error, not with an end, once the other side is closed.
        with suppress(OSError):
            while read := os.read(ours, 65536):
                told += read
        assert run.wait(60) == 0
    os.close(ours)
    left = told.decode().rpartition("\x1b[?25h")[2]
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", left).replace("\r", "")


def test_errors_are_sentences(run: Callable):
    assert "No account is '@stranger'. There are: x:" in run(
        "post", "Hello", "--to", "@stranger", code=1
    )
    assert "[not_found]" in run("status", "post_unknown", code=1)
    assert "No such option: --nonsense" in run("accounts", "--nonsense", code=64)
    assert "No such file" in run("post", "Hello", "--to", "x", "--media", "gone.jpg", code=1)
    assert "Log in first: dovecote login" in run("accounts", code=1, DOVECOTE_API_KEY="")
    away = {"DOVECOTE_URL": "http://127.0.0.1:9", "DOVECOTE_PATIENCE": "1"}
    told = run("accounts", code=4, **away)
    assert "Nothing answers at http://127.0.0.1:9 yet" in told
    assert told.count("Nothing answers") == 1
    assert "No answer from http://127.0.0.1:9" in told
    assert "'soon' is no time. Write 2026-12-01 9:00" in run(
        "schedule", "Hello", "--to", "x", "--at", "soon", code=1
    )


@pytest.mark.parametrize(
    ("typed", "zone", "meant"),
    [
        ("2026-12-01 9:00", "UTC", "2026-12-01T09:00:00"),
        ("2026-12-1 09.30", "UTC", "2026-12-01T09:30:00"),
        ("2026-12-01T09:00:00+01:00", "UTC", "2026-12-01T09:00:00+01:00"),
        ("today 18:30", "UTC", "2026-11-29T18:30:00"),
        ("Tomorrow 9:00", "UTC", "2026-11-30T09:00:00"),
        ("tomorrow 9:00", "Asia/Tokyo", "2026-12-01T09:00:00"),
        ("tomorrow 25:00", "UTC", None),
        ("9:00", "UTC", None),
        ("2026-02-30 9:00", "UTC", None),
        ("tomorrow 9:00", "Mars/Olympus", None),
    ],
)
def test_a_time_is_read_as_people_type_it(dovecote: ModuleType, typed, zone, meant):
    read = import_module("dovecote.cli.times").read
    now = datetime(2026, 11, 29, 16, tzinfo=UTC)
    if meant is None:
        with pytest.raises(ValueError, match=r"is no time|no time zone"):
            read(typed, zone, now)
    else:
        assert read(typed, zone, now) == meant


@pytest.mark.thorough
def test_a_login_keeps_its_key_for_its_owner_alone(
    environ: dict[str, str], run: Callable, ground: Ground, tmp_path: Path
):
    environ = {**environ, "DOVECOTE_API_KEY": ""}
    shown: dict[str, str] = {}
    with subprocess.Popen(
        [*COMMAND, "login"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as asking:
        for line in asking.stdout:
            name, _, value = line.strip().partition("   ")
            shown[name] = value
            if name == "Code":
                ground.lets_in(
                    {"verification_uri_complete": shown["Open"], "user_code": shown["Code"]}
                )
    assert asking.returncode == 0, shown

    kept = tmp_path / "config" / "dovecote" / "login.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "x" in run("accounts", DOVECOTE_API_KEY="", DOVECOTE_URL="")
    other = {"DOVECOTE_API_KEY": "", "DOVECOTE_URL": "https://other.example"}
    assert "the login is for" in run("accounts", code=1, **other)
    assert "Logged out" in run("logout")
    assert not kept.exists()
