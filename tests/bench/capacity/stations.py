"""What work waits for: servers that take one piece of work at a time, and a disk that shares."""

import heapq


class Station:
    """Some equal servers with one line, first come, first served.

    Work must arrive in the order of its times. So its end is known at once, and costs no event.
    """

    def __init__(self, servers: int) -> None:
        self._free_at = [0.0] * servers
        self.servers = servers
        self.busy_seconds = 0.0

    def serve(self, now: float, seconds: float) -> float:
        """When work that arrives now, and takes so long, is done."""
        begins = max(now, self._free_at[0])
        heapq.heapreplace(self._free_at, begins + seconds)
        self.busy_seconds += seconds
        return begins + seconds

    def utilisation(self, until: float) -> float:
        return self.busy_seconds / (self.servers * until) if until else 0.0


class Disk:
    """The log's disk: a flush makes all durable that waits when it begins (group commit)."""

    def __init__(self, flush_seconds: float) -> None:
        self._seconds = flush_seconds
        self._ends = 0.0
        self.flushes = 0

    def flush(self, now: float) -> float:
        """When a commit that arrives now is durable."""
        if now < self._ends - self._seconds:
            # The next flush has not begun: it takes this commit along.
            return self._ends
        self._ends = max(now, self._ends) + self._seconds
        self.flushes += 1
        return self._ends
