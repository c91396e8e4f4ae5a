"""The sizes that the reverse proxy allows, without running it."""

import re

from posts.api import parsers
from posts.features.importing.formats import files
from posts.media import uploads
from tests.deploy.proxying import CADDYFILE


def test_the_proxys_limits_are_those_of_web():
    sizes = dict(re.findall(r"request_body @(\w+) \{\s+max_size (\w+)", CADDYFILE.read_text()))
    largest = max(each.max_bytes for each in uploads.TYPES.values())

    # Of calls twice as much: what is in between web refuses by itself.
    call = 2 * parsers.BODY_BYTES // 10**6
    file = files.BODY_BYTES // 10**6 + 1
    assert sizes == {"upload": f"{largest // 2**20}MiB", "call": f"{call}MB", "import": f"{file}MB"}
    assert largest % 2**20 == parsers.BODY_BYTES % 10**6 == 0
