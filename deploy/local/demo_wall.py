"""What the public of the simulated networks sees, looked up for the demo's table."""

from deploy.local.web import ask


class Wall:
    def __init__(self, simulator_url: str) -> None:
        self._url = simulator_url
        self._counts: dict[tuple[str, str], int] = {}

    def files_of(self, platform: str, post_id: str) -> int | None:
        """How many files the public post shows; None if there is no such post."""
        key = platform, post_id
        if key not in self._counts:
            found = ask("GET", f"{self._url}/wall.json?limit=1000&network={platform}").json()
            for post in found["posts"]:
                self._counts[platform, post["id"]] = len(post["media"])
        return self._counts.get(key)
