"""The first page: its commands work, and its key is shown on this machine only."""

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from deploy.local import environment
from platforms.oauth import App
from posts.models import Post
from tests.factories import make_account, make_workspace
from tests.posts.conftest import make_caller

ROOT = Path(__file__).resolve().parents[3]
KEY = "pe_live_0123456789abcdef0123456789abcdef"
HERE = {"REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "127.0.0.1"}


@pytest.fixture
def demo(settings, tmp_path):
    """As `make up` leaves it."""
    file = tmp_path / "demo.env"
    file.write_text(
        f"API_KEY={KEY}\nACCOUNT_IDS='4,5,6'\nMEDIA_IDS='\"a\",\"b\"'\n"
        "FLOWER_URL=http://127.0.0.1:5555\n"
    )
    settings.DEMO_ENV = str(file)
    settings.ALLOWED_HOSTS = ["*"]
    return file


def page(**options) -> str:
    response = Client().get("/", **options)
    assert response.status_code == 200
    return response.content.decode()


def commands(text: str) -> dict[str, str]:
    found = re.findall(r'<code id="(\w+)">(.*?)</code></pre>', text, re.S)
    return {name: html.unescape(command) for name, command in found}


class Reader:
    """Runs the page's commands in a folder, as they stand but for the words in `known`."""

    def __init__(self, commands: dict[str, str], folder: Path) -> None:
        self.commands, self.known = commands, dict[str, str]()
        self._folder = folder

    def run(self, name: str) -> dict[str, Any]:
        script = self.commands[name]
        for word, value in self.known.items():
            script = script.replace(word, value)
        argv = ["bash", "-c", f"{self.commands['key']}\n{script}"]
        done = subprocess.run(argv, cwd=self._folder, capture_output=True, text=True, check=True)
        return json.loads(done.stdout or "{}")


def test_without_make_up_the_page_knows_no_key():
    text = page(**HERE)

    assert settings.DEMO_ENV == ""
    assert "pe_live_…" in text
    assert re.search(r"pe_live_[0-9a-f]", text) is None


@pytest.mark.parametrize(
    "asker",
    [
        HERE,
        {"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8000"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000"},
    ],
)
def test_under_make_up_requests_from_this_machine_see_the_demo_key(demo, asker):
    text = page(**asker)

    assert f"export API_KEY={KEY}" in text
    assert '"account_ids": [4,5,6]' in commands(text)["post"]
    assert '"media_ids": ["a","b"]' in commands(text)["post"]
    assert "These are 3 networks, with a picture" in text
    assert 'href="http://127.0.0.1:5555">Flower</a>: the workers' in text
    docs = Client().get("/api/docs", **asker)
    assert KEY in docs.content.decode()
    assert docs.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "asker",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "dovecote.example"},
        {"HTTP_HOST": "127.0.0.1.dovecote.example"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_requests_from_elsewhere_do_not_see_the_demo_key(demo, asker):
    text = page(**(HERE | asker))

    assert KEY not in text
    assert "pe_live_…" in text
    assert KEY not in Client().get("/api/docs", **(HERE | asker)).content.decode()


def test_before_there_is_a_demo_key_the_page_does_without(demo):
    demo.unlink()

    assert "pe_live_…" in page(**HERE)


def test_nothing_but_make_up_names_the_file_of_the_demo_key(tmp_path):
    given = {"DOVECOTE_HOME": str(tmp_path)}
    environment.prepare(given)
    assert given["DEMO_ENV"] == str(tmp_path / "demo.env")

    set_by = [
        path.relative_to(ROOT).as_posix()
        for folder in ("config", "posts", "destinations", "platforms", "deploy")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and path.suffix not in (".pyc", ".png", ".jpg")
        and "DEMO_ENV" in path.read_text()
    ]
    assert sorted(set_by) == [
        "config/checks.py",  # refuses it
        "config/settings.py",  # reads it
        "config/status/setup.py",  # says so
        "config/web/quickstart.py",  # reads it
        "deploy/env.example",  # explains it
        "deploy/local/environment.py",  # sets it
    ]
    assert "\n#DEMO_ENV=\n" in (ROOT / "deploy/env.example").read_text()


def test_the_page_loads_nothing_and_may_not():
    response = Client().get("/")

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert re.findall(r'(?:src|href)="https?://', response.content.decode()) == []


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
def test_the_viewers_load_from_here_only(path):
    response = Client().get(path)

    assert response.status_code == 200
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(?:https?:)?//', response.content.decode()) == []


@pytest.mark.needs("curl")
@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work_as_they_stand(live_server, settings, tmp_path):
    settings.PUBLIC_URL, settings.MEDIA_ROOT = live_server.url, tmp_path / "media"
    settings.PLATFORM_APPS = {"x": App("id", "secret")}
    caller = make_caller(make_workspace(), "Ada")
    account = make_account(caller.workspace)
    (tmp_path / "demo.env").write_text(f"API_KEY={caller.secret}\nACCOUNT_IDS={account.pk}\n")
    settings.DEMO_ENV = str(tmp_path / "demo.env")
    reader = Reader(commands(page(**HERE)), tmp_path)
    known = reader.known

    def run(name: str) -> dict:
        answer = reader.run(name)
        assert answer.get("data"), answer
        return answer["data"]

    assert run("connect")["url"].startswith(f"{live_server.url}/connect/")
    assert run("accounts")["accounts"][0]["id"] == account.pk
    assert reader.run("sample") == {}
    announced = run("announce")
    known |= {"UPLOAD_URL": announced["upload_url"], "MEDIA_ID": announced["media_id"]}
    run("put")
    assert run("complete")["status"] == "ready"
    known["POST_ID"] = run("post")["post_id"]
    assert run("results")[0]["account_id"] == account.pk
    assert Post.objects.get().attachments.count() == 1
