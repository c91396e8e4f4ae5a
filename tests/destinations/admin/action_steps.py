"""What the tests of admin actions share: operators, actions, and what the pages answer."""

from django.contrib.auth.models import Permission, User

from destinations.models import Destination
from tests.factories import make_account, make_post

LIST = "/admin/destinations/destination/"
ACCOUNTS = "/admin/destinations/account/"


def make(workspace, **fields) -> Destination:
    account = make_account(workspace)
    return make_post(workspace, [account], due_at=None, **fields).destinations.get()


def staff(client, *codenames):
    """A client of an operator with read access and these permissions."""
    user = User.objects.create_user("vi", password="x", is_staff=True)
    looking = Permission.objects.filter(codename__startswith="view_")
    user.user_permissions.set(looking | Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return client


def act(client, action, *rows, path=LIST, **fields):
    """Run the action on the rows of a list; the page that follows."""
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **fields}
    return client.post(path, chosen, follow=True)


def messages_of(page) -> list[str]:
    return [str(message) for message in page.context["messages"]]


def text(page) -> str:
    return page.content.decode()


def status(row) -> str:
    row.refresh_from_db()
    return row.status


def retry(client, *rows, path=LIST, chosen=None, **fields):
    """Confirm a retry of these destinations, as a page showed them; the page that follows."""
    seen = [f"{row.pk}:{row.attempts}" for row in rows]
    return act(client, "retry", *(chosen or rows), path=path, confirmed="yes", seen=seen, **fields)
