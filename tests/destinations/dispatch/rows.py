"""Many due rows, in as few statements as they allow."""

from datetime import timedelta

from django.utils import timezone

from destinations.models import Account, Destination
from posts.models import Post
from tests.factories import make_account, make_post, make_workspace


def make_accounts(count: int, platform: str = "x") -> list[Account]:
    """Accounts of one workspace."""
    workspace = make_workspace()
    return [make_account(workspace, platform) for _ in range(count)]


def make_rows(accounts: list[Account], each: int, *, due_in_seconds: float = -60, **fields) -> None:
    """`each` posts to all accounts of a workspace, due at that time, a millisecond apart."""
    pattern = make_post(accounts[0].workspace, accounts[:1])
    like = pattern.destinations.get()
    pattern.delete()
    at = timezone.now() + timedelta(seconds=due_in_seconds)
    times = [at + timedelta(milliseconds=number) for number in range(each)]
    posts = Post.objects.bulk_create(
        Post(workspace=like.workspace, content="Hi", status="publishing", updated_at=at)
        for _ in times
    )
    rows = (
        Destination(
            post=post,
            workspace=account.workspace,
            account=account,
            account_number=account.pk,
            account_name=account.name,
            platform=account.platform,
            position=position,
            draft=like.draft,
            **{
                "queue": f"publish.{account.platform}",
                "due_at": due_at,
                "wanted_at": due_at,
                "updated_at": due_at,
                **fields,
            },
        )
        for post, due_at in zip(posts, times, strict=True)
        for position, account in enumerate(accounts)
    )
    # A slow machine that prepares thousands at once is idle in its transaction for too long.
    Destination.objects.bulk_create(rows, batch_size=500)
