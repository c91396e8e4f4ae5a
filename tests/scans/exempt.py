"""Places that read no text of a customer, or none from which web or a worker could suffer."""

_FILES = "Files are read in a sandbox, whose CPU time is limited."
_OURS = "It reads our own words, or an operator's."
_NETWORKS = "It reads a status, an id or a header of a network, of at most a few KB."
_ROWS = "It goes through rows, pages or pieces; it reads no text."
_ID = "It reads an id whose length its pattern or its column bounds."

#: Whole folders.
FOLDERS = {
    "deploy.simulator": "The simulated networks are for trying out and for tests.",
    "posts.media.probe": _FILES,
}
PLACES = {
    "config.operators.sso.backend._free_name": _OURS,
    "config.queue.beat.all_as_schedule": _ROWS,
    "config.queue.flower._ID": "Flower's own pages, in which the arguments are escaped.",
    "config.queue.flower._INLINE": "Flower's own pages, in which the arguments are escaped.",
    "config.web.quickstart._marked": _OURS,
    "destinations.admin.story.sent._words": "It reads the names of a network's options.",
    "destinations.dispatch.queues.NAME": _OURS,
    "destinations.pauses.held_counts.lift_limits": _ROWS,
    "destinations.runtime.database.PARAMETER": _OURS,
    "destinations.runtime.redis_client.sentinels": _OURS,
    "destinations.runtime.worker.batch.execute": _ROWS,
    "destinations.runtime.replica.lag._look": _ROWS,
    "platforms.bluesky.adapter.Bluesky.check": "It reads options, whose lengths are bounded.",
    "platforms.bluesky.card._fetched": _ID,
    "platforms.downloads.fetch._checked": "Its length is checked in the same line.",
    "platforms.facebook.adapter.Facebook.shows_as_own": _NETWORKS,
    "platforms.facebook.feed.send": _ROWS,
    "platforms.http.redaction._forms": "It reads our own credentials.",
    "platforms.http.redaction._without_host": "It reads our own credentials.",
    "platforms.instagram.errors.failed": _NETWORKS,
    "platforms.linkedin.errors.duplicated_urn": _NETWORKS,
    "platforms.linkedin.oauth.GRANT_WORDS": _NETWORKS,
    "platforms.linkedin.rest.POST": _NETWORKS,
    "platforms.linkedin.rest.VERSION": _OURS,
    "platforms.meta.containers.publish": _ROWS,
    "platforms.meta.graph.VERSION_FORM": _OURS,
    "platforms.nostr.login.KeyLogin.sign_in": "It reads an address of at most 1,000 characters.",
    "platforms.nostr.nip19._facts": _ID,
    "platforms.threads.lookup._is_same_text": "It reads texts of 500 characters.",
    "platforms.tiktok.media._next": _NETWORKS,
    "platforms.wordpress.comments._closed": "`written` calls it, and is timed.",
    "platforms.wordpress.comments._pieces": "`written` calls it, and is timed.",
    "platforms.youtube.media.stored_bytes": _NETWORKS,
    "posts.api.schema.example_maker.FORM": _OURS,
    "posts.features.ai.captions.fitted": "It halves what is left at each step.",
    "posts.api.serializers.fields.AccountNumberField.to_internal_value": _ID,
    "posts.api.serializers.queries.QueryNumberField.to_internal_value": _ID,
    "posts.features.repeating.post_fields.ISODateField.to_internal_value": _ID,
    "posts.api.views.accounts._account": _ID,
    "posts.mcp.schemas.portable": _OURS,
    "posts.api.routing._unlike": _ID,
    "posts.media.storage._SHOWN": "It reads a type that Python's table names.",
    "posts.media.storage.link_headers": "It reads the name of a stored file, which we gave it.",
    "posts.rate_windows._LENGTH": _OURS,
    "posts.rate_windows._WINDOW": _OURS,
    "posts.features.request_log.recorder._VARIABLE": _OURS,
    "posts.composing.changes.retention.forget": _ROWS,
}


def is_exempt(place: str) -> bool:
    return place in PLACES or any(place.startswith(f"{folder}.") for folder in FOLDERS)
