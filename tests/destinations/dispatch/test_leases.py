"""Rate limits of the whole installation, not of one account."""

from destinations.dispatch import claims
from destinations.publishing import worker
from tests.factories import make_account, make_post, make_workspace


def test_an_app_without_credit_holds_all_accounts_of_its_platform_only(simulator, db):
    workspace = make_workspace()
    accounts = [
        make_account(
            workspace,
            platform,
            token=simulator.connect(platform, number, username="acme"),
            platform_account_id=number,
            username="acme",
        )
        for platform, number in (("x", "77"), ("x", "78"), ("threads", "79"))
    ]
    simulator.fault("x", call="create_post", status=402, times=1)
    make_post(workspace, [accounts[0]])

    worker.publish(claims.claim(10))

    for account in accounts:
        account.refresh_from_db()
    first, second, other = accounts
    assert first.held_until is not None
    assert second.held_until == first.held_until
    assert other.held_until is None
