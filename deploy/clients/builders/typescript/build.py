"""Makes the TypeScript client's package of the OpenAPI document, with tools that npm installs."""

import shutil
import subprocess
import sys
from pathlib import Path

from deploy.clients.builders.typescript import resources
from deploy.clients.document import ROOT
from deploy.clients.operations import Document

HERE = ROOT / "deploy" / "clients" / "typescript"
#: Of a working copy, for people who develop there; none of it is the package's.
LEFT_OUT = ("node_modules", "dist", "generated")
#: npm checks each package against its hash in package-lock.json, and runs nothing of it.
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def build(document: Path, into: Path) -> None:
    """Write the whole package to `into`, compile it, and pack it as a .tgz there."""
    if not shutil.which("npm"):
        sys.exit("The TypeScript client is built with Node.js and npm: apt install nodejs npm")
    shutil.copytree(HERE, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copy(ROOT / "LICENSE", into)
    shutil.copy(document, into / "openapi.json")
    _run(into, *INSTALL)
    generate(document, into / "src" / "generated")
    _run(into, "npm", "run", "--silent", "schema")
    _run(into, "npm", "run", "--silent", "compile")
    _run(into, "npm", "pack", "--silent", "--ignore-scripts")


def generate(document: Path, folder: Path) -> None:
    """Write what is generated here and not by npm's tools."""
    folder.mkdir(parents=True, exist_ok=True)
    described = Document.read(document)
    (folder / "operations.ts").write_text(resources.operations_file(described))
    (folder / "resources.ts").write_text(resources.resources_file(described))


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
