"""What the tests of connecting LinkedIn share: pages, and the ends of tokens."""

import uuid
from datetime import UTC, datetime

from platforms.linkedin.oauth import LinkedInOAuth
from tests.conftest import Simulator

LOGIN = LinkedInOAuth()
ASKED = {*LinkedInOAuth.scopes, *LinkedInOAuth.optional_scopes}
DAY = 24 * 3600


def make_page(simulator: Simulator, roles: dict[str, str], name: str = "Acme Inc.") -> str:
    number = str(uuid.uuid4().int)[:8]
    extra = {"author": f"urn:li:organization:{number}", "roles": roles}
    simulator.connect("linkedin", number, name=name, username="acme-inc", extra=extra)
    return number


def seconds_left(at: datetime | None) -> float:
    assert at is not None
    return (at - datetime.now(UTC)).total_seconds()
