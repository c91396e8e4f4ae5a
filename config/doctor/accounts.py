"""Whether the accounts' credentials can be decrypted."""

from collections.abc import Iterator

from config.doctor.finding import Finding, ok, problem
from destinations.accounts import encryption
from destinations.models import Account

#: How many accounts are named.
NAMED = 5


def check_credentials() -> Iterator[Finding]:
    total, unreadable = 0, []
    accounts = Account.objects.only("pk", "name", "platform", "credentials").order_by("pk")
    for account in accounts.iterator(chunk_size=500):
        total += 1
        try:
            encryption.unseal(account.credentials)
        except encryption.Unreadable:
            unreadable.append(str(account))
    if not unreadable:
        yield ok("credentials", f"those of {total} accounts can be decrypted")
        return
    more = f" and {len(unreadable) - NAMED} more" if len(unreadable) > NAMED else ""
    yield problem(
        "credentials",
        f"{len(unreadable)} of {total} cannot be decrypted: {', '.join(unreadable[:NAMED])}{more}.",
        "Add the key that encrypted them to the end of CREDENTIAL_KEYS, or reconnect the accounts.",
    )
