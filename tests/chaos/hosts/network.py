"""Hosts on one wire, on this machine: each is a network namespace with a cable to a bridge.

The bridge is in a namespace of its own, which the calling thread enters: no address or name can
collide with another play or with the machine's. A namespace lives as long as a process in it, and
all of them end with this process. So nothing is left behind, however a play ends.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from tests.acceptance.stack import dying_with_us

#: What must be installed (Debian: iproute2, util-linux).
TOOLS = ("ip", "bridge", "unshare", "nsenter")
WIRE = "wire"
NETWORK, BITS = "10.77.0", 24
#: The last number of the address of the process that plays, which is customers and operators.
OURS = 1
CLONE_NEWNET = 0x40000000
OWN_NAMESPACE = "/proc/self/ns/net"
#: States of a bridge's port.
DISABLED, FORWARDING = "0", "3"
#: A host's first process: it has a name, says so, and waits.
FIRST = 'echo "$0" >/proc/sys/kernel/hostname && echo up && exec sleep infinity'


class Network:
    """Made and closed by the same thread, which is at address OURS meanwhile."""

    def __init__(self) -> None:
        self._hosts: dict[str, subprocess.Popen[bytes]] = {}
        self._address_of: dict[str, str] = {}
        self._left = os.open(OWN_NAMESPACE, os.O_RDONLY)
        _call("unshare", CLONE_NEWNET)
        _run("ip", "link", "set", "lo", "up")
        _run("ip", "link", "add", WIRE, "type", "bridge", "stp_state", "0")
        _run("ip", "address", "add", f"{_address(OURS)}/{BITS}", "dev", WIRE)
        _run("ip", "link", "set", WIRE, "up")

    def add(self, name: str, number: int) -> str:
        """A host on the wire; its address, which ends with the number."""
        argv = [*dying_with_us(), "unshare", "--net", "--uts", "--", "sh", "-c", FIRST, name]
        first = subprocess.Popen(argv, stdout=subprocess.PIPE)
        self._hosts[name] = first
        assert first.stdout
        assert first.stdout.readline() == b"up\n", f"{name} was not made"
        address, cable = _address(number), ("type", "veth", "peer", "name", "eth0")
        _run("ip", "link", "add", name, *cable, "netns", str(first.pid))
        _run("ip", "link", "set", name, "master", WIRE, "up")
        inside = self.inside(name)
        _run(*inside, "ip", "address", "add", f"{address}/{BITS}", "dev", "eth0")
        _run(*inside, "ip", "link", "set", "eth0", "up")
        _run(*inside, "ip", "link", "set", "lo", "up")
        self._address_of[name] = address
        return address

    def address(self, name: str) -> str:
        return self._address_of[name]

    def inside(self, name: str) -> list[str]:
        """Before a command: it runs on that host."""
        return ["nsenter", f"--target={self._hosts[name].pid}", "--net", "--uts", "--"]

    def cut(self, name: str) -> None:
        """Packets from and to a host vanish without a word; its cable seems to be in."""
        _run("bridge", "link", "set", "dev", name, "state", DISABLED)

    def join(self, name: str) -> None:
        """End a cut."""
        _run("bridge", "link", "set", "dev", name, "state", FORWARDING)

    def close(self) -> None:
        """End the hosts; the namespaces follow the last of the processes in them."""
        for first in self._hosts.values():
            with suppress(ProcessLookupError):
                first.send_signal(signal.SIGKILL)
            first.communicate()
        _call("setns", self._left, CLONE_NEWNET)
        os.close(self._left)


def _call(name: str, *arguments: int) -> None:
    """A call of the C library that Python has only from 3.12 on."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _address(number: int) -> str:
    return f"{NETWORK}.{number}"


def _run(*argv: str) -> None:
    _checked(argv)


def _checked(argv: Sequence[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
