"""Run a command that ends when its starter ends.

`python leash.py STARTER_PID SIGNAL UID:GID|- COMMAND…`

Linux tells a process when its parent has died, if it asks; the wish survives exec. So not even a
SIGKILL of `up` leaves servers behind. Elsewhere nothing asks, and the next start ends leftovers.

A file of its own, run without site-packages, because asking between fork and exec in a process
with threads is not safe. The user is changed first: changing it would cancel the wish.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    starter, signal, user, *command = sys.argv[1:]
    if user != "-":
        uid, gid = (int(number) for number in user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal))
        if os.getppid() != int(starter):  # it died before we asked
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as wrong:
        sys.exit(f"cannot run {command[0]}: {wrong.strerror}")


if __name__ == "__main__":
    main()
