"""Tell whether this worker was asked to stop.

It then starts nothing and releases what it has not started, so that another worker takes that at
the next tick instead of after a lease.
"""

#: Without a lock: a signal's handler may interrupt itself.
_requested: list[bool] = []


def request(**_: object) -> None:
    """Finish what was started, start nothing else. May be called by a signal's handler."""
    _requested.append(True)


def is_requested() -> bool:
    return bool(_requested)


def reset() -> None:
    """Undo `request`; for tests, whose process lives on."""
    _requested.clear()
