"""Every operation as a call: `client.send(calls.get_post_results(id))` answers data and meta.

The resources of a client answer the data alone.
"""

from dovecote._calls import Call as Call
from dovecote._calls import Paged as Paged
from dovecote._generated.calls import *  # noqa: F403
