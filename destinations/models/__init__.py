"""The tables of accounts, destinations and their history. No rules here."""

from destinations.models.account import Account, Connection
from destinations.models.attempt import Attempt, Event
from destinations.models.deletion import Deletion
from destinations.models.destination import Destination
from destinations.models.heartbeat import BusyWorker, ClaimCounter, Heartbeat
from destinations.models.outage import Outage, UnansweredTry
from destinations.models.pause import Pause
from destinations.models.server import Server
from destinations.models.statistics import DurationHistogram, OutcomeCount, StatisticsProgress

__all__ = [
    "Account",
    "Attempt",
    "BusyWorker",
    "ClaimCounter",
    "Connection",
    "Deletion",
    "Destination",
    "DurationHistogram",
    "Event",
    "Heartbeat",
    "Outage",
    "OutcomeCount",
    "Pause",
    "Server",
    "StatisticsProgress",
    "UnansweredTry",
]
