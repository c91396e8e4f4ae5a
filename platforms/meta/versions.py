"""The versions of Meta's Graph API, and when each ends."""

import re
from collections.abc import Mapping
from datetime import date

from platforms.http.versions import ApiVersion

FORM = re.compile(r"v\d+\.\d+")
IN_WORDS = "like v26.0"
#: First days on which a version is no longer served; Meta retires one two years after the next, and
#: its changelog dates the one after v26.0 to 2026-11-04. Source: Graph API, "Changelog", "Versions"
#: (read 2026-11-25).
ENDS: Mapping[str, date] = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v25.0": date(2028, 7, 29),
    "v26.0": date(2028, 11, 4),
}
GRAPH_VERSION = ApiVersion("graph", "v26.0", FORM, IN_WORDS, ENDS.get)
