"""Whether this worker was told to stop.

It then begins nothing any more and gives back what it has not begun, so that another worker takes
that at the next tick instead of after a lease.
"""

#: Without a lock: a signal's handler may interrupt itself.
_told: list[bool] = []


def tell(**_: object) -> None:
    """Stop: finish what is begun, begin nothing. May be called by a signal's handler."""
    _told.append(True)


def is_told() -> bool:
    return bool(_told)


def forget() -> None:
    """Go on as if nothing had been said; for tests, whose process lives on."""
    _told.clear()
