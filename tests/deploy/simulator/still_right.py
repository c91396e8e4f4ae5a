"""What is dropped, doubled or changed in a request, and yet right: the networks document it so."""

import re
from dataclasses import dataclass

from tests.deploy.simulator.wrong_requests import Wrong


@dataclass(frozen=True)
class Right:
    """A network takes requests without these places, or with others there; `source` says so."""

    #: Matches the call.
    call: str
    #: Such as `drop body`; several words of one kind by `|`.
    what: str
    #: Names that it is true of, between spaces; each may be a pattern.
    names: str
    source: str

    def fits(self, wrong: Wrong) -> bool:
        """Whether this is right. An empty header or parameter says as little as none."""
        how, _, kind = self.what.partition(" ")
        names = "|".join(self.names.split())
        said, wanted = f"{wrong.how} {wrong.place}", rf"({how}) ({kind})( ({names}))?"
        if wrong.how == "empty" and kind in ("header", "query"):
            said = f"drop {wrong.place}"
        return bool(re.fullmatch(self.call, wrong.call) and re.fullmatch(wanted, said))


#: True of every network.
EVERYWHERE = (
    Right(
        ".*(token|accessToken)",
        "add body|query",
        "unknown",
        "RFC 6749, 3.2: the server ignores parameters that it does not know",
    ),
)
