"""The other ways in and out: files, calendars, agents, clients."""

from config.web.features import AUTH, JSON, Feature, Step, post

FEATURES: tuple[Feature, ...] = (
    Feature(
        "Import a month of posts",
        "A CSV file, a row for each post. `dry_run` says what would be made; without it the posts "
        "are. The same file again makes nothing twice. The second command writes what is there "
        "into such a file.",
        (
            Step(
                "import",
                "printf '%s\\n' content,account_ids,scheduled_at \\\n"
                "  Hello,<account_id>,2030-01-07T09:00:00Z |\n"
                f'  curl "$API/posts/import?dry_run=true" {AUTH} \\\n'
                "  -H 'Content-Type: text/csv' --data-binary @-",
                '{"data": {"total": 1, "valid": 1, "invalid": 0, '
                '"results": [{"row": 1, "ok": true, "errors": []}]}}',
            ),
            Step("export", f"curl $API/posts/export {AUTH} \\\n  -o posts.csv"),
        ),
    ),
    Feature(
        "See posts in your calendar program",
        "The answer has a secret address, this once. Subscribe to it in a calendar program, which "
        "then shows every post that has a time, drafts too.",
        (
            Step(
                "calendar",
                post("/calendar-feeds", '{"name": "Posts"}'),
                '{"data": {"id": "…", "name": "Posts", "url": "<host>/calendar/….ics"}}',
            ),
        ),
    ),
    Feature(
        "Let an agent do it",
        "At `<host>/mcp` an agent gets tools that publish posts and follow them. Hosted agents "
        "need the address alone and log in by OAuth; others send a key, as Claude Code does here. "
        "The second command asks which tools there are.",
        (
            Step(
                "claude",
                "claude mcp add --transport http dovecote <host>/mcp \\\n"
                '  --header "Authorization: Bearer $API_KEY"',
            ),
            Step(
                "agent",
                "curl <host>/mcp "
                + AUTH
                + " \\\n  -H 'Accept: application/json, text/event-stream' "
                + JSON
                + ' \\\n  -d \'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}\'',
                '{"jsonrpc": "2.0", "result": {"tools": [{"name": "create_post"}]}}',
            ),
        ),
    ),
    Feature(
        "Use it from Python, TypeScript or a terminal",
        "Clients with a typed method per call, and request collections, are built in the checkout "
        "of Dovecote. The Python client has a command line that publishes and shows each "
        "destination until it has ended.",
        (
            Step(
                "client",
                "make clients CLIENT=python\n"
                'pip install "$(ls .dovecote/clients/python/dist/*.whl)[cli]"',
            ),
            Step(
                "terminal",
                "export DOVECOTE_URL=<host> DOVECOTE_API_KEY=$API_KEY\n"
                'dovecote post "Hello from a terminal" --to <account_id> --wait',
            ),
        ),
    ),
    Feature(
        "Log in from a terminal",
        "A program without a key shows a code. An operator compares it in the admin and gives the "
        "program a key, which is in one answer only.",
        (
            Step(
                "device",
                f'curl $API/auth/device {JSON} \\\n  -d \'{{"client_name": "my terminal"}}\'',
                '{"data": {"device_code": "DEVICE_CODE", "user_code": "WDJB-MJHT", '
                '"verification_uri_complete": "…", "interval": 5}}',
            ),
            Step(
                "device_token",
                f'curl $API/auth/device/token {JSON} \\\n  -d \'{{"device_code": "DEVICE_CODE"}}\'',
                '{"data": {"status": "pending"}}',
            ),
        ),
    ),
    Feature(
        "Use clients of the hosted service",
        "The compatibility mount has every call in the shapes that its published clients read. "
        "Keys, posts and limits are the same.",
        (
            Step(
                "compatible",
                f"curl '<host>/compat/api/v1/posts?limit=1' \\\n  {AUTH}",
                '{"data": {"posts": [{"post_id": "…", "post_status": "published"}], '
                '"total": 1, "limit": 1}, "error": null}',
            ),
        ),
    ),
)
