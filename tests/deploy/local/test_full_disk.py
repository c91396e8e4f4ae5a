"""A full disk ends `make up` with one sentence that says what to do."""

import errno
import os
from collections import namedtuple
from unittest import mock

import pytest

from deploy.local import home as homes
from deploy.local import up
from deploy.local.supervisor import GaveUp

MEGABYTE = 1024**2
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """Says how much is free, and returns the folder of an installation."""
    monkeypatch.setenv("DOVECOTE_HOME", str(tmp_path))
    monkeypatch.setattr(up, "raise_on_signals", lambda: None)

    def free(megabytes: int):
        usage = Usage(0, 0, megabytes * MEGABYTE)
        monkeypatch.setattr(homes.shutil, "disk_usage", lambda _: usage)
        return tmp_path

    # It sets what the processes of an installation are to find.
    with mock.patch.dict(os.environ):
        yield free


def said(capsys) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if "stopped" not in line]


def test_nothing_is_started_where_there_is_no_room(disk, capsys):
    home = disk(120)

    assert up.run() == 1

    [line] = said(capsys)
    assert f"The disk with {home} is full: 120 MB are free" in line
    assert "DOVECOTE_HOME" in line
    assert not (home / "postgres").exists()


def test_a_later_start_takes_less(disk):
    home = disk(120)
    (home / "postgres").mkdir()

    homes.check_room(home)
    with pytest.raises(GaveUp):
        homes.check_room(disk(90))


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left"), GaveUp("PANIC: could not write")]
)
def test_what_fails_for_want_of_room_says_so(disk, monkeypatch, capsys, failure):
    disk(3)

    def fail(*_):
        raise failure

    monkeypatch.setattr(up, "_start", fail)

    assert up.run() == 1
    [line] = said(capsys)
    assert "is full: 3 MB are free" in line


def test_other_errors_stay_what_they_are(disk, monkeypatch):
    disk(9_000)

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(up, "_start", fail)

    with pytest.raises(OSError, match="Input/output"):
        up.run()
