"""The three ports people see: web, and the next two for Flower and the simulator."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.supervisor import GaveUp


@dataclass(frozen=True, slots=True)
class Ports:
    web: int
    flower: int
    simulator: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Ports":
        """From PORT, 8000 unless set. Raises GaveUp."""
        text = environ.get("PORT") or "8000"
        if not text.isdecimal() or not 1 <= int(text) <= 65533:
            raise GaveUp(f"PORT must be a number from 1 to 65533, not {text!r}.")
        first = int(text)
        return cls(web=first, flower=first + 1, simulator=first + 2)

    def require_free(self) -> None:
        """Raises GaveUp, naming every port that is taken."""
        named = {"the API": self.web, "Flower": self.flower, "the simulator": self.simulator}
        taken = [f"{port} (for {name})" for name, port in named.items() if not _is_free(port)]
        if taken:
            raise GaveUp(
                f"In use by another program: port {', '.join(taken)}. Nothing was started.\n"
                "Choose others, for example: PORT=9000 make up"
            )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections that are still dying do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
