"""Which tool checks which file of deploy/, and in which test."""

import subprocess
from fnmatch import fnmatch
from pathlib import PurePath

from tests.deploy.conftest import ROOT

TRACKED = sorted(
    subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "deploy"],
        cwd=ROOT,
        text=True,
    ).split()
)
SHELLS = ("#!/usr/bin/env bash\n", "#!/bin/sh\n")
#: The first pattern that fits a file says its kind; `*` is also for folders.
KINDS = {
    "deploy/*.py": "ruff, mypy",  # make check
    "deploy/*.md": "links, names",  # tests/test_documents.py
    "deploy/*.png": "pillow",  # test_files.py
    "deploy/clients/typescript/*": "tsc",  # tests/clients/typescript
    "deploy/clients/python/*": "build, mypy",  # tests/clients/python
    "deploy/clients/builders/*.jinja": "openapi-python-client",  # tests/clients/python
    "deploy/*Dockerfile": "hadolint",  # test_files.py
    "deploy/simulator/templates/*": "jinja",  # tests/deploy/simulator
    "deploy/compose*.yaml": "docker-compose",  # test_forms.py
    "deploy/env.example": "settings",  # test_compose.py
    "deploy/postgres/*.conf": "postgres",  # tests/deploy/postgres
    "deploy/kubernetes/*": "kustomize, kubernetes-validate",  # tests/deploy/kubernetes
    "deploy/proxy/kustomization.yaml": "kustomize, kubernetes-validate",
    "deploy/proxy/Caddyfile": "caddy",  # test_proxy.py
    "deploy/observability/*.yml": "promtool",  # tests/deploy/observability
    "deploy/observability/*.json": "grafana",  # test_files.py
    "deploy/systemd/*.service": "systemd-analyze",  # tests/deploy/systemd
    "deploy/systemd/*.target": "systemd-analyze",
    "deploy/systemd/*.d/*.conf": "systemd-analyze",
    "deploy/RELEASES": "git",  # tests/upgrade
    "deploy/image/requirements-*.txt": "pip",  # make sbom
    "deploy/local/requirements-uv.txt": "pip",  # make dev
}


def kind(path: str) -> str:
    """What checks this file; empty if nothing does."""
    for pattern, tool in KINDS.items():
        if fnmatch(path, pattern):
            return tool
    try:
        text = (ROOT / path).read_text()
    except UnicodeDecodeError:
        return ""
    return "shellcheck" if text.startswith(SHELLS) else ""


def files(tool: str) -> list[PurePath]:
    """The files of deploy/ that this tool checks, below the top folder."""
    return [PurePath(path) for path in TRACKED if kind(path) == tool]
