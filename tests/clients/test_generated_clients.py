"""Clients generated from the OpenAPI document by openapi-generator work against the API."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from posts.keys import keys
from posts.models import Post
from tests import programs
from tests.clients.published.npm import installed
from tests.factories import make_account, make_workspace

HERE = Path(__file__).resolve().parent
#: Not its script: in an environment that was moved or copied, that names another Python.
GENERATOR = (sys.executable, "-c", "from openapi_generator_cli import cli; raise SystemExit(cli())")
GENERATE_SECONDS = 300

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]


@pytest.fixture
def generate(client, tmp_path):
    def generate(language: str, **properties: str) -> Path:
        document = tmp_path / "openapi.json"
        document.write_bytes(client.get("/api/v1/openapi.json").content)
        given = ",".join(f"{name}={value}" for name, value in properties.items())
        run(
            [*GENERATOR, "generate", "-i", document, "-g", language, "-o", tmp_path / "client"]
            + (["--additional-properties", given] if given else []),
            cwd=tmp_path,
        )
        return tmp_path / "client"

    return generate


@pytest.fixture
def served(live_server):
    """(address, key) of an API with one X account."""
    workspace = make_workspace()
    make_account(workspace, "x", name="Acme", username="acme")
    _, secret = keys.create(workspace, "Client", ("read", "write"))
    return live_server.url, secret


def run(command, *, cwd: Path, **environ: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=GENERATE_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def assert_created(told: str, language: str) -> None:
    seen = json.loads(told)
    post = Post.objects.get()
    assert seen["content"] == post.content == f"Hello from {language}"
    assert seen["status"] == post.status == "scheduled"
    assert seen["refusal"] == "validation_error"
    assert post.destinations.get().draft["settings"] == {"replySettings": "following"}


def test_a_generated_python_client_creates_a_post(generate, served):
    package = generate("python", packageName="dovecote_client")

    told = run(
        [sys.executable, "-W", "ignore", HERE / "create_post.py", *served],
        cwd=package,
        PYTHONPATH=str(package),
    )

    assert_created(told, "Python")


@pytest.mark.needs("node", "npm")
def test_a_generated_typescript_client_compiles_and_creates_a_post(generate, served, tmp_path):
    generate("typescript-fetch")
    shutil.copytree(HERE / "generated", tmp_path, dirs_exist_ok=True)
    (tmp_path / "node_modules").symlink_to(installed(HERE / "generated") / "node_modules")

    run(["node_modules/.bin/tsc"], cwd=tmp_path)
    told = run([programs.found("node"), "built/create_post.js", *served], cwd=tmp_path)

    assert_created(told, "TypeScript")
