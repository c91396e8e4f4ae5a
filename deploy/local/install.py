"""Install into `.venv`: `python install.py requirements-local.txt`.

Does nothing if that is installed already. A `.venv` is made anew when its Python is
gone or is not the one asked for by `--python`, or when pinned packages have changed.
Standard library only, and syntax that an old Python can read, to refuse it with a message.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin" / "python"
MARK = VENV / ".installed"
PIP = (str(BIN), "-m", "pip")
QUIETLY = ("--disable-pip-version-check", "--progress-bar", "off")
UV = Path(__file__).with_name("requirements-uv.txt")
OLDEST = (3, 11)
#: pip prints nothing while it unpacks, for up to a minute.
BEAT_SECONDS = 5
#: From small to large: each file pins a superset of the ones before it.
FILES = ("requirements.txt", "requirements-local.txt", "requirements-dev.txt")


def main() -> None:
    wanted = sys.argv[1]
    chosen = "--chosen" in sys.argv[2:]  # a person named this Python
    if sys.version_info < OLDEST:
        _hand_over_to_a_newer_python()
    if VENV.is_symlink():  # an environment shared with others: not ours to change
        return
    version = _version_of(BIN)
    if version == "" or (chosen and version != _our_version()):
        _make()
        version = _our_version()
    if _is_installed(wanted, version):
        return
    if MARK.exists() and not MARK.read_text().startswith(version):
        _make()
    began = time.monotonic()
    _install(wanted)
    _say(f"Installed in {time.monotonic() - began:.0f} s.")
    MARK.write_text(f"{version} {wanted} {_digest(wanted)}\n")


def _our_version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"


def _version_of(python: Path) -> str:
    """Empty if it does not run or is too old."""
    code = "import sys; v = sys.version_info; print(f'{v[0]}.{v[1]}.{v[2]}')"
    try:
        said = subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    version = said.stdout.strip()
    return version if tuple(map(int, version.split(".")))[:2] >= OLDEST else ""


def _is_installed(wanted: str, version: str) -> bool:
    """Return whether this file, or a larger one, is what was installed last."""
    try:
        made_with, file, digest = MARK.read_text().split()
    except (OSError, ValueError):
        return False
    larger = FILES[FILES.index(wanted) :]
    return made_with == version and file in larger and digest == _digest(file)


def _digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def _make() -> None:
    _say(f"Making .venv with Python {_our_version()}…")
    made = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True
    )
    if made.returncode == 0:
        return
    uv = shutil.which("uv")
    if uv is None:
        sys.exit(
            f"{sys.executable} cannot make a virtual environment:\n{made.stdout}{made.stderr}\n"
            "Install its venv module (Debian, Ubuntu: apt install python3-venv) or uv, and repeat."
        )
    shutil.rmtree(VENV, ignore_errors=True)
    if not _succeeds([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)]):
        sys.exit(1)


def _install(wanted: str) -> None:
    exact = ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / wanted)]
    count = sum("==" in line for line in (ROOT / wanted).read_text().splitlines())
    uv = shutil.which("uv") or _pip_installs_uv()
    if uv:
        _say(f"Installing {count} packages with uv: less than a minute, and only this once.")
        if _succeeds([uv, "pip", "install", "--quiet", "--python", str(BIN), *exact]):
            return
    # uv reads other settings for proxies and indexes than pip does.
    if not _succeeds([*PIP, "--version"]):
        sys.exit("Neither pip nor uv can install into .venv. Remove .venv and repeat.")
    _say(f"Installing {count} packages with pip: one to three minutes, and only this once.")
    _follow([*PIP, "install", *QUIETLY, *exact], count)


def _pip_installs_uv() -> "str | None":
    """uv installs in seconds what takes pip minutes. None if pip cannot get it."""
    exact = ["--require-hashes", "--only-binary", ":all:", "-r", str(UV)]
    _say("Fetching uv with pip, because it installs faster…")
    return str(BIN.parent / "uv") if _succeeds([*PIP, "install", "-q", *QUIETLY, *exact]) else None


def _follow(pip: list, count: int) -> None:
    """Run pip. Of what it prints, say only how far it is, and the end of it if it fails."""
    printed: list = []
    ended = threading.Event()
    unpacking = threading.Thread(target=_say_unpacked, args=(count, ended), daemon=True)
    with subprocess.Popen(pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:  # noqa: S603
        for line in run.stdout or ():
            printed.append(line)
            fetched = sum(each.startswith("Collecting ") for each in printed)
            if line.startswith("Collecting ") and fetched % 10 == 0:
                _say(f"  fetched {fetched} of {count}…")
            elif line.startswith("Installing collected packages"):
                _say("  unpacking them…")
                unpacking.start()
    ended.set()
    if run.returncode != 0:
        sys.stderr.writelines(printed[-30:])
        sys.exit(run.returncode)


def _say_unpacked(count: int, ended: threading.Event) -> None:
    """Say every few seconds how many packages are in place."""
    while not ended.wait(BEAT_SECONDS):
        there = sum(1 for _ in VENV.glob("lib/python*/site-packages/*.dist-info"))
        _say(f"  unpacked {min(there, count)} of {count}…")


def _hand_over_to_a_newer_python() -> None:
    for minor in range(19, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer and _version_of(Path(newer)):
            os.execv(newer, [newer, *sys.argv])  # noqa: S606
    sys.exit(
        f"Dovecote needs Python 3.11 or newer; {sys.executable} is {_our_version()}.\n"
        "If you have another one: make up PYTHON=/path/to/python3.12"
    )


def _succeeds(command: list) -> bool:
    return subprocess.run(command).returncode == 0  # noqa: S603


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
