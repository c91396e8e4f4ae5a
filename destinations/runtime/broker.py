"""Wake-up calls that somebody waits for: a customer, whose answer comes after them.

A broker that hangs keeps each caller for seconds, and a request that makes fifty posts for minutes:
its program gives up, sends it again, and every post is made twice. So once the broker did not
answer, this process makes no such calls for a few seconds. That loses nothing: a post's row is due,
and beat's tick, which never goes by what is remembered here, sends it a second later; for a file
that was not called for somebody calls again within a minute, as if the message had been lost.
"""

from collections.abc import Callable

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from destinations.runtime.circuit_breaker import Absence

log = structlog.get_logger()

#: What sending to a broker that is away raises.
AWAY = (BrokerError, RedisError, OSError)
_absence = Absence()


def after_commit(call: Callable[[], object]) -> None:
    """Make this call once the present transaction is committed, unless the broker is known away.

    The call tells how it went, by `reached` or `missed`.
    """
    transaction.on_commit(lambda: None if _absence.is_known() else call(), robust=True)


def reached() -> None:
    """The broker took a message."""
    if count := _absence.end():
        log.info("broker_back", did_without=count)


def missed(failure: BaseException, **what: object) -> None:
    """The broker is away, and so `what` was not sent."""
    _absence.note()
    log.warning("broker_away", **what, failure=repr(failure))
