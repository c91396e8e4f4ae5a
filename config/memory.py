"""Memory that a process gives back once it has started."""

import ctypes


def trim(**_: object) -> None:
    """Return what importing has left free: 11 MB under CPython 3.13, half a MB under 3.11.

    A receiver of Celery's signals too. Does nothing where there is no glibc.
    """
    if give_back := getattr(ctypes.CDLL(None), "malloc_trim", None):
        give_back(0)
