from destinations.state import outages
from posts.outbox.names import EventNames

HOOKS = (EventNames(55, outages.EVENTS),)
