"""Run a command that ends when its starter ends.

`python die_with_parent.py STARTER_PID SIGNAL UID:GID|- COMMAND…`

Linux signals a process when its parent dies, if it asked for that (prctl); this survives exec. So
even a SIGKILL of `up` leaves no servers behind. On other systems the next start ends leftovers.

A file of its own, run without site-packages, because asking between fork and exec in a process
with threads is not safe. The user is changed first: changing it later would cancel the request.
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
