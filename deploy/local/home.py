"""The folder that `up` keeps everything in: its lock, its privacy, its keys and passwords."""

import base64
import fcntl
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from deploy.local.supervisor import GaveUp

#: The user that PostgreSQL runs as when we are root, because it refuses to run as root.
SERVER_USER = "embedded_postgres"
PRIVATE_UMASK = stat.S_IRWXG | stat.S_IRWXO
#: What a start needs on the disk: the tables of a new database and its log take most of it.
FIRST_START_BYTES, RESTART_BYTES = 300 * 1024**2, 100 * 1024**2
#: With less, any failure is put down to the lack of room.
FULL_BYTES = 20 * 1024**2
TRAVERSE = stat.S_IXGRP | stat.S_IXOTH


class HomeInUse(GaveUp):
    """Another process holds the folder."""


def lock(home: Path) -> None:
    """Hold `home` until this process ends, however it ends. Raises HomeInUse."""
    file = home / "run" / "lock"
    private_folder(file.parent)
    try:
        # Never closed: the lock lasts as long as the process, and children do not inherit it.
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise GaveUp(not_yours(home)) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 20).decode().strip()
        os.close(handle)
        raise HomeInUse(
            f"Dovecote already runs on {home} (process {holder}). Stop it first, or run this one "
            "on its own data and ports:\n  DOVECOTE_HOME=/another/folder PORT=9000 make up"
        ) from None
    os.truncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())


def check_room(home: Path) -> None:
    """Raise GaveUp if the disk has too little room for a start."""
    needed = RESTART_BYTES if (home / "postgres").exists() else FIRST_START_BYTES
    if shutil.disk_usage(home).free < needed:
        raise GaveUp(no_room(home))


def is_full(home: Path) -> bool:
    return shutil.disk_usage(home).free < FULL_BYTES


def no_room(home: Path) -> str:
    free, needed = shutil.disk_usage(home).free // 1024**2, FIRST_START_BYTES // 1024**2
    return (
        f"The disk with {home} is full: {free} MB are free, and a first start takes {needed}. "
        "Make room, or set DOVECOTE_HOME to a folder on another disk."
    )


def is_locked(home: Path) -> bool:
    """Return whether a process holds `home`. Raises GaveUp if it is another user's."""
    try:
        with (home / "run" / "lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except PermissionError:
        raise GaveUp(not_yours(home)) from None
    return False


def holder(home: Path) -> int:
    """Return the process that holds `home`; 0 if it has not said so yet."""
    text = (home / "run" / "lock").read_text().strip()
    return int(text) if text.isdecimal() else 0


def private_folder(folder: Path, user: pwd.struct_passwd | None = None) -> None:
    """Make a folder that only its owner can look into; `user` becomes the owner."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except PermissionError:
        raise GaveUp(not_yours(folder)) from None
    found = folder.lstat()
    owner = user.pw_uid if user else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), owner):
        raise GaveUp(not_yours(folder))
    if user and found.st_uid != user.pw_uid:
        os.chown(folder, user.pw_uid, user.pw_gid)


def keep_private(*folders: Path) -> None:
    """Make these folders, and files that this process and its children write, private to our user.

    `home` itself stays open: where we are root, PostgreSQL runs as another user and must be able
    to pass through.
    """
    os.umask(PRIVATE_UMASK)
    for folder in folders:
        private_folder(folder)
        folder.chmod(stat.S_IRWXU)


def write_private(path: Path, text: str) -> None:
    """Replace a file, whole or not at all, readable by its owner only."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def server_user(data: Path) -> pwd.struct_passwd | None:
    """The user that PostgreSQL must run as: None for ours; for root, the owner of the data or a new
    one."""
    if os.geteuid() != 0:
        return None
    owner = data.stat().st_uid if data.exists() else 0
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam(SERVER_USER)
    except KeyError:
        return _make_user()


def _make_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SERVER_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        raise GaveUp(
            "PostgreSQL does not run as root, and the user for it could not be made with useradd.\n"
            "Run this as another user, or set DATABASE_URL to a PostgreSQL of yours."
        ) from None
    return pwd.getpwnam(SERVER_USER)


def open_way(user: pwd.struct_passwd, *targets: Path) -> list[Path]:
    """Let `user` traverse, but not list, these folders and those above them."""
    opened = []
    for target in targets:
        for folder in (target, *target.parents):
            found = folder.stat()
            if found.st_uid != user.pw_uid and found.st_mode & TRAVERSE != TRAVERSE:
                folder.chmod(stat.S_IMODE(found.st_mode) | TRAVERSE)
                opened.append(folder)
    return opened


def share(folder: Path) -> None:
    """Make a folder of programs readable to all users, which a strict umask may have prevented."""
    subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)  # noqa: S603, S607


def not_yours(folder: Path) -> str:
    return (
        f"{folder} cannot be used by this user; did another user, such as root, run Dovecote "
        "here?\nGive it to yourself with chown, or set DOVECOTE_HOME to a folder of yours."
    )


@dataclass(frozen=True, slots=True)
class InstallationSecrets:
    """What an installation must never forget: its keys and passwords, in one private file."""

    secret_key: str
    credential_keys: str
    redis_password: str
    admin_password: str
    #: Empty until the demo workspace has a key.
    api_key: str = ""


def load_state(home: Path) -> InstallationSecrets:
    """The state below `home`, made and saved if there is none. Raises GaveUp."""
    private_folder(home)
    try:
        return InstallationSecrets(**json.loads(_state_file(home).read_text()))
    except FileNotFoundError:
        return _save_state(home, _new_state())
    except PermissionError:
        raise GaveUp(not_yours(home)) from None
    except (ValueError, TypeError):
        raise GaveUp(
            f"{_state_file(home)} is damaged. It holds the key to the accounts' credentials.\n"
            "Restore it from a backup, or move the whole folder away to start afresh."
        ) from None


def remember_api_key(home: Path, state: InstallationSecrets, secret: str) -> InstallationSecrets:
    return _save_state(home, replace(state, api_key=secret))


def _new_state() -> InstallationSecrets:
    return InstallationSecrets(
        secret_key=secrets.token_urlsafe(50),
        credential_keys=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        redis_password=secrets.token_hex(16),
        admin_password=secrets.token_urlsafe(12),
    )


def _save_state(home: Path, state: InstallationSecrets) -> InstallationSecrets:
    write_private(_state_file(home), json.dumps(asdict(state), indent=2) + "\n")
    return state


def _state_file(home: Path) -> Path:
    return home / "state.json"
