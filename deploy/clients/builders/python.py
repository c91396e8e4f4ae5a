"""The Python client: models from openapi-python-client, calls by `python_source`, and a wheel."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.clients.builders import python_source
from deploy.clients.document import ROOT
from deploy.clients.operations import Document

HERE = ROOT / "deploy" / "clients" / "python"
TEMPLATES = Path(__file__).resolve().parent / "python_templates"
#: Of a working copy, for people who develop there; none of it is the package's.
LEFT_OUT = ("__pycache__", ".mypy_cache", ".ruff_cache")
#: Not its script: in an environment that was moved or copied, that names another Python.
GENERATOR = (sys.executable, "-c", "from openapi_python_client.cli import app; app()")
#: Its formatters must be on the PATH, and generated files are not for reading.
CONFIG: dict[str, list[str]] = {"post_hooks": []}


def build(document: Path, into: Path) -> None:
    """Write the whole package to `into`, and its wheel to `into`/dist."""
    shutil.copytree(HERE, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copy(ROOT / "LICENSE", into)
    generated = into / "src" / "dovecote" / "_generated"
    _models(document, generated)
    described = Document.read(document)
    (generated / "calls.py").write_text(python_source.calls(described))
    (generated / "resources.py").write_text(python_source.resources(described))
    (generated / "errors.py").write_text(python_source.errors(described))
    _wheel(into)


def _models(document: Path, generated: Path) -> None:
    config = generated.parent / "config.json"
    config.write_text(json.dumps(CONFIG))
    # Its endpoints are not used, and it does not know every content type.
    components = generated.parent / "components.json"
    described = _with_nullable_references(json.loads(document.read_text()))
    components.write_text(json.dumps({**described, "paths": {}}))
    _run(
        *(*GENERATOR, "generate", "--path", components, "--meta", "none", "--fail-on-warning"),
        *("--output-path", generated, "--config", config, "--custom-template-path", TEMPLATES),
    )
    config.unlink()
    components.unlink()
    # What it sends and receives with; this package has its own.
    shutil.rmtree(generated / "api", ignore_errors=True)
    for name in ("client.py", "errors.py"):
        (generated / name).unlink()
    (generated / "__init__.py").write_text('"""Made from the OpenAPI document; not by hand."""\n')


def _with_nullable_references(node: Any) -> Any:
    """Return a copy in which a nullable reference has no `type` of its own.

    The generator adds null to a `type` where there is one, and then takes the type of the
    reference, which has no null. Without a `type` it adds null to the reference.
    """
    if isinstance(node, list):
        return [_with_nullable_references(each) for each in node]
    if not isinstance(node, dict):
        return node
    is_nullable_reference = node.get("nullable") is True and "allOf" in node
    return {
        name: _with_nullable_references(each)
        for name, each in node.items()
        if not (is_nullable_reference and name == "type")
    }


def _wheel(project: Path) -> None:
    """By pip, or by uv, which makes environments without pip. Either fetches what builds it."""
    uv = shutil.which("uv")
    if uv and importlib.util.find_spec("pip") is None:
        _run(uv, "build", "--quiet", "--wheel", "--out-dir", project / "dist", project)
    else:
        pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps")
        _run(*pip, "--wheel-dir", project / "dist", project)


def _run(*command: object) -> None:
    done = subprocess.run(  # noqa: S603
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
