"""Creates a post with the generated client and prints what the API says of it."""

import json
import sys
from datetime import UTC, datetime, timedelta

from dovecote_client import (
    AccountsApi,
    ApiClient,
    ApiException,
    Configuration,
    CreatePost,
    PlatformContent,
    PostsApi,
    XContent,
    XSettings,
)


def main(url: str, key: str) -> None:
    with ApiClient(Configuration(host=url, access_token=key)) as client:
        posts = PostsApi(client)
        accounts = AccountsApi(client).list_accounts().data.accounts
        settings = XSettings(reply_settings="following")
        body = CreatePost(
            content="Hello from Python",
            account_ids=[account.id for account in accounts],
            scheduled_at=datetime.now(UTC) + timedelta(hours=1),
            platform_content=PlatformContent(x=XContent(settings=settings)),
        )
        created = posts.create_post(body).data.actual_instance
        read = posts.get_post(created.post_id).data
        refusal = ""
        try:
            posts.create_post(CreatePost(content="To no account", account_ids=[]))
        except ApiException as error:
            refusal = json.loads(error.body)["error"]["code"]
    seen = {"content": read.content, "status": read.status, "refusal": refusal}
    print(json.dumps({**seen, "account": read.destinations[0].account_name}))


main(*sys.argv[1:])
