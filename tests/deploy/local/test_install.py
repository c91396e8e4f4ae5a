"""What a newcomer sees while `make up` installs."""

import sys
from pathlib import Path

import pytest

from deploy.local import install

PIP = "for n in range(25): print('Collecting', n)\nprint('Installing collected packages: a')"


def test_the_progress_of_pip_is_shown(capsys):
    install._follow([sys.executable, "-c", PIP], 25)

    assert capsys.readouterr().err.splitlines() == [
        "  fetched 10 of 25…",
        "  fetched 20 of 25…",
        "  unpacking them…",
    ]


def test_how_much_pip_has_unpacked_is_said_while_it_prints_nothing(tmp_path: Path, monkeypatch):
    """Here pip goes on once that is said."""
    said, go_on = [], tmp_path / "go-on"
    (tmp_path / "lib/python3/site-packages/one.dist-info").mkdir(parents=True)
    pip = (
        "import os\nprint('Installing collected packages: a', flush=True)\n"
        f"while not os.path.exists({str(go_on)!r}): pass"
    )

    def say(text: str) -> None:
        said.append(text)
        if "unpacked" in text:
            go_on.touch()

    monkeypatch.setattr(install, "_say", say)
    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setattr(install, "BEAT_SECONDS", 0.01)

    install._follow([sys.executable, "-c", pip], 25)

    assert said[:2] == ["  unpacking them…", "  unpacked 1 of 25…"]


def test_the_output_of_pip_is_shown_when_it_fails(capsys):
    with pytest.raises(SystemExit) as ended:
        install._follow([sys.executable, "-c", "print('no such wheel'); exit(3)"], 25)

    assert ended.value.code == 3
    assert capsys.readouterr().err == "no such wheel\n"


def make_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_uv_installs_where_there_is_one(tmp_path: Path, monkeypatch, capsys):
    make_program(tmp_path / "uv", f'echo "$@" > {tmp_path}/asked')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    install._install("requirements-local.txt")

    asked = (tmp_path / "asked").read_text().split()
    assert asked[:2] == ["pip", "install"]
    assert "--require-hashes" in asked
    assert asked[-1] == str(install.ROOT / "requirements-local.txt")
    said = capsys.readouterr().err
    assert said.startswith("Installing ")
    assert "with uv: less than a minute, and only this once." in said


def test_pip_installs_uv_with_its_hash_where_there_is_none(tmp_path: Path, monkeypatch, capsys):
    make_program(tmp_path / "python", f'echo "$@" >> {tmp_path}/asked')
    monkeypatch.setattr(install, "PIP", (str(tmp_path / "python"), "-m", "pip"))
    monkeypatch.setattr(install, "BIN", tmp_path / "python")

    assert install._pip_installs_uv() == str(tmp_path / "uv")

    asked = (tmp_path / "asked").read_text().split()
    assert asked[:3] == ["-m", "pip", "install"]
    assert "--require-hashes" in asked
    assert asked[-1] == str(install.UV)
    assert capsys.readouterr().err == "Fetching uv with pip, because it installs faster…\n"
    assert install.UV.read_text().count("--hash=sha256:") > 5


def test_pip_installs_what_uv_cannot(tmp_path: Path, monkeypatch, capfd):
    """It may know a proxy or an index that uv does not."""
    make_program(tmp_path / "uv", "exit 2")
    make_program(tmp_path / "python", 'echo "Installing collected packages: a"')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(install, "PIP", (str(tmp_path / "python"), "-m", "pip"))

    install._install("requirements-local.txt")

    assert "with pip: one to three minutes" in capfd.readouterr().err
