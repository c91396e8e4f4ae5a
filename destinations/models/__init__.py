"""The tables of accounts, destinations and their history. No rules here."""

from destinations.models.account import Account
from destinations.models.attempt import Attempt
from destinations.models.connection import Connection
from destinations.models.destination import Destination
from destinations.models.event import Event
from destinations.models.heartbeat import Heartbeat

__all__ = ["Account", "Attempt", "Connection", "Destination", "Event", "Heartbeat"]
