"""The server's own code reads the documents of an installation on https, and takes its signature.

The server itself fetches such documents from the internet alone.
"""

import json
import subprocess

import pytest

from platforms.bluesky.oauth import client
from platforms.bluesky.proof import keys
from platforms.oauth import App
from tests.real.bluesky import server
from tests.real.bluesky.server import HERE
from tests.real.install import NotInstalled

pytestmark = pytest.mark.needs("g++", "make", "npm")
BACK, ISSUER = "https://dovecote.example.com/connect/bluesky/return", "https://pds.example.com"


def test_the_server_takes_our_documents_and_our_signature() -> None:
    try:
        found = server.install()
    except NotInstalled as why:
        pytest.skip(f"Bluesky's server: {why}")
    key, metadata = keys.new(), client.metadata(BACK)
    form = client.credentials(App(metadata["client_id"], key), ISSUER)
    told = {"metadata": metadata, "keys": client.public_keys(key), "form": form, "issuer": ISSUER}

    done = subprocess.run(
        [found.node, HERE / "documents.mjs", found.modules],
        input=json.dumps(told), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    known = json.loads(done.stdout)
    assert (known["method"], known["alg"]) == ("private_key_jwt", "ES256")
    assert (known["kid"], known["confidential"]) == (keys.thumbprint(key), True)
