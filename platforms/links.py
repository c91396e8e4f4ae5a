"""The id of a post as its public link shows it, where the two are the same."""

import re

#: Instagram and Threads show a short code that their API does not know as an id.
IDS = {
    "x": re.compile(r"/status/([0-9]+)"),
    "linkedin": re.compile(r"(urn:li:(?:share|ugcPost):[0-9]+)"),
    "facebook": re.compile(r"/([0-9]+_[0-9]+)|/(?:reel|videos)/([0-9]+)"),
    "tiktok": re.compile(r"/(?:video|photo)/([0-9]+)"),
    "youtube": re.compile(r"(?:[?&]v=|/shorts/|youtu\.be/)([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])"),
}


#: Where TikTok's posts are that only their author may see: all of them at one address.
PROFILE = re.compile(r"tiktok\.com/@[^/?#]+/?(?:[?#]|$)")


def names_a_post(link: str) -> bool:
    """Whether a link leads to one post, and not to all of an account."""
    return bool(link) and not PROFILE.search(link)


def post_id(platform: str, link: str) -> str:
    """The id that this link to a post of the platform names; empty where it is not plain."""
    known = IDS.get(platform)
    found = known.search(link) if known else None
    return next((group for group in found.groups() if group), "") if found else ""
