"""Every file, module, setting and command that a Markdown file names exists."""

import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TRACKED = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
DOCUMENTS = [name for name in TRACKED if name.endswith(".md")]
ROOTS = {name.split("/")[0] for name in TRACKED if "/" in name}
PACKAGES = ("config", "posts", "destinations", "platforms", "deploy")
#: Written by an operator or a command, and not tracked.
UNTRACKED = {"deploy/.env", ".dovecote/demo.env", ".dovecote/times.md"}
#: Folders whose names also begin those of tasks, and of parts of answers.
SAID_OF_THE_WIRE = {"posts", "meta"}
SUFFIXES = r"(?:py|md|sh|yaml|toml|png|lua|txt|example)"


def text(name: str) -> str:
    return (ROOT / name).read_text()


def names(name: str) -> list[str]:
    """What stands in backticks, outside of blocks of code."""
    prose = re.sub(r"^```.*?^```$", "", text(name), flags=re.M | re.S)
    return re.findall(r"`([^`\n]+)`", prose)


def exists(path: str, document: str) -> bool:
    """From the root, beside the document, or as a pattern of either; a bare name anywhere."""
    if path in {Path(name).name for name in TRACKED}:
        return True
    places = (ROOT, (ROOT / document).parent)
    return any((place / path).exists() or any(place.glob(path)) for place in places)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(document))
    missing = [
        link
        for link in links
        if not link.startswith("https://") and not (ROOT / document).parent.joinpath(link).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_it_names_exists(document: str):
    paths = [
        path
        for path in names(document)
        if re.fullmatch(rf"[\w./*-]+\.{SUFFIXES}|(?:{'|'.join(sorted(ROOTS))})/[\w./*-]*", path)
    ]
    checked = [path for path in paths if "NAME" not in path and path not in UNTRACKED]
    assert [path for path in checked if not exists(path, document)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_name_that_it_places_in_a_file_is_there(document: str):
    placed = re.findall(r"`(?:\w+\.)?(\w+)`\s+(?:of|in)\s+`?([\w./]+\.py)`", text(document))
    missing = [
        (name, path)
        for name, path in placed
        if not any(
            re.search(rf"\b{name}\b", text(found))
            for found in TRACKED
            if _is_at(found, path, document)
        )
    ]
    assert missing == []


def _is_at(found: str, path: str, document: str) -> bool:
    return found in (path, (Path(document).parent / path).as_posix())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_module_and_name_that_it_mentions_exists(document: str):
    dotted = rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+"
    found = [name for name in names(document) if re.fullmatch(dotted, name)]
    assert [name for name in found if not _resolves(name)] == []


def _resolves(dotted: str) -> bool:
    """Whether it is a module, a name in one, or a Celery task's name."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part, None)
        return found is not None or _is_task(dotted)
    return False


def test_every_module_that_a_comment_or_a_docstring_names_exists():
    """Where it begins with a folder, as `dispatch.claims` and `delivery.engine.fan_out` do."""
    files = [name for name in TRACKED if name.startswith(PACKAGES) and name.endswith(".py")]
    texts = {name.removesuffix(".py").removesuffix("/__init__"): text(name) for name in files}
    folders = {folder for name in texts for folder in name.split("/")[1:-1]} - SAID_OF_THE_WIRE
    missing = [
        (path, named)
        for path, said in texts.items()
        for named in re.findall(r"`([a-z_]+(?:\.\w+)+)`", said)
        if named.split(".")[0] in folders and not _is_within(texts, named.split("."))
    ]
    assert missing == []


def _is_within(texts: dict[str, str], parts: list[str]) -> bool:
    """Whether it is a folder or a module, or a name in one."""
    if parts[-1] == "py":
        parts = parts[:-1]
    whole = "/".join(parts)
    if any(f"/{whole}/" in f"/{name}/" for name in texts):
        return True
    module, name = "/".join(parts[:-1]), parts[-1]
    return any(
        f"/{path}".endswith(f"/{module}") and re.search(rf"\b{name}\b", said)
        for path, said in texts.items()
    )


def _is_task(name: str) -> bool:
    from config.celery import app

    app.loader.import_default_modules()
    return name in app.tasks


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_and_command_that_it_names_exists(document: str):
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.M))
    commands = {Path(name).stem for name in TRACKED if "/management/commands/" in name}
    others = {"check", "migrate", "collectstatic", "createsuperuser", "shell"}
    others |= {"axes_reset_username", "addstatictoken", "makemigrations", "spectacular"}
    made = set(re.findall(r"\bmake ([a-z]+)(?=[ `\n]|$)", "\n".join(names(document))))
    managed = set(re.findall(r"manage\.py (\w+)", text(document)))
    assert (made - targets, managed - commands - others) == (set(), set())


def test_every_setting_in_the_readme_is_explained_to_operators():
    table = text("README.md").partition("## Configuration")[2].partition("\n## ")[0]
    rows = "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    settings = re.findall(r"`([A-Z0-9_]+)`", rows)
    explained = set(re.findall(r"^#?([A-Z0-9_]+)=", text("deploy/env.example"), re.M))
    assert len(settings) > 8
    assert [name for name in settings if name not in explained] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_diagram_says_what_it_is_and_closes_its_brackets(document: str):
    for diagram in re.findall(r"^```mermaid\n(.*?)^```$", text(document), re.M | re.S):
        assert re.match(r"(flowchart (LR|TD)|sequenceDiagram|stateDiagram-v2)\n", diagram)
        for opened, closed in ("()", "[]", "{}"):
            assert diagram.count(opened) == diagram.count(closed)


def test_every_folder_says_what_lives_there():
    wired = re.compile(r"(^|/)(management|migrations|formats)(/|$)")
    folders = [Path(name).parent for name in TRACKED if Path(name).name == "__init__.py"]
    folders = [f for f in folders if f.parts[0] in PACKAGES and not wired.search(f.as_posix())]
    unsaid = [f for f in folders if not text(f"{f}/__init__.py").startswith('"""')]
    assert unsaid == []
