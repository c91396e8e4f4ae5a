"""Writes the collections: a file for Postman, a folder for Bruno."""

import json
import shutil
from pathlib import Path

from deploy.clients.builders.collection import bruno, postman
from deploy.clients.builders.collection.requests import collection
from deploy.clients.document import ROOT

README = ROOT / "deploy" / "clients" / "collection" / "README.md"


def build(document: Path, into: Path) -> None:
    """Write `into`/postman.json and `into`/bruno."""
    found = collection(json.loads(document.read_text()))
    (into / "postman.json").write_text(postman.written(found))
    bruno.write(found, into / "bruno")
    shutil.copy(README, into)
