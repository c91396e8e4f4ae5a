"""How often programs may call; every limit is refused as OAuthRefused."""

from posts import rate_windows
from posts.keys import rate_limits
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.rate_windows import Window

#: From one address. Hosted agents of many customers share some.
REGISTRATIONS = rate_windows.parse("10/min,60/h")
#: From all addresses of one network (/24, /48).
WIDE_REGISTRATIONS = rate_windows.parse("30/min,180/h")
TOKEN_CALLS = rate_windows.parse("120/min,2000/h")
#: Of one grant: each one is a row that is kept for a month.
REFRESHES = rate_windows.parse("10/min,60/h")


def demand(name: str, bucket: str, rolling: tuple[Window, ...], what: str) -> None:
    """Count a call of this caller. Raises OAuthRefused beyond its limits."""
    full = rate_limits.refusing(rate_limits.take_of(name, bucket, rolling))
    if full:
        wait = full.wait_seconds
        raise OAuthRefused(
            "temporarily_unavailable", f"Too many {what}; try again in {wait} s.", wait
        )
