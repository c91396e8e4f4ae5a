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


def test_the_output_of_pip_is_shown_when_it_fails(capsys):
    with pytest.raises(SystemExit) as ended:
        install._follow([sys.executable, "-c", "print('no such wheel'); exit(3)"], 25)

    assert ended.value.code == 3
    assert capsys.readouterr().err == "no such wheel\n"


def test_uv_installs_where_there_is_one(tmp_path: Path, monkeypatch, capsys):
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    install._install("requirements-local.txt")

    asked = (tmp_path / "asked").read_text().split()
    assert asked[:2] == ["pip", "install"]
    assert "--require-hashes" in asked
    assert asked[-1] == str(install.ROOT / "requirements-local.txt")
    said = capsys.readouterr().err
    assert said.startswith("Installing ")
    assert "with uv: less than a minute, and only this once." in said
