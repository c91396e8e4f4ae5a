"""An operator's consent, and the exchange of its code for tokens."""

import base64
import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.contrib.auth.models import User
from django.db import transaction

from destinations.models import Account
from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.keys import keys
from posts.keys.oauth import consents, secret_values, tokens
from posts.keys.oauth.authorization_request import AuthorizationRequest, RequestedAccess
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.models import OAuthClient, OAuthGrant, Workspace

log = structlog.get_logger()

CODE_LIFE = timedelta(seconds=60)
#: How many connections of a workspace may be active at once.
ACTIVE_LIMIT = 50
#: For how long one is kept whose code was not exchanged, and one whose key has ended.
FORGOTTEN_AFTER, HISTORY = timedelta(days=1), timedelta(days=90)
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a client shows with a code."""

    redirect_uri: str
    verifier: str
    #: As asking.resource returns it; blank: none was named.
    resource: str


def allow(
    asked: AuthorizationRequest,
    wanted: RequestedAccess,
    operator: User,
    workspace: Workspace,
    scopes: Collection[str],
    accounts: Collection[Account],
) -> str:
    """Record what an operator allows; returns the code. Raises RequestRefused.

    The key is made when the code is exchanged, so what is refused here may be refused again then.
    """
    name = key_name(asked.client)
    allowed = keys.check(workspace, name, set(scopes) & set(wanted.scopes), accounts=accounts)
    check_room(workspace)
    now = clock.now()
    _forget(now)
    code = secret_values.new_code()
    grant = OAuthGrant.objects.create(
        client=asked.client,
        operator=operator,
        workspace=workspace,
        scopes=allowed,
        account_ids=[account.pk for account in accounts],
        resource=wanted.resource,
        redirect_uri=asked.redirect_uri,
        challenge=wanted.challenge,
        code_hash=keys.digest(code),
        code_expires_at=now + CODE_LIFE,
        created_at=now,
    )
    log.info("oauth_allowed", grant=str(grant.pk), client=name, by=f"operator:{operator}")
    return code


def key_name(client: OAuthClient) -> str:
    """Return what its key is called, so that none passes for another key."""
    return f"Agent: {client.name}"


def check_room(workspace: Workspace) -> None:
    """Raises RequestRefused if the workspace has as many active connections as it may."""
    if tokens.active(workspace).count() >= ACTIVE_LIMIT:
        raise RequestRefused(
            "key_limit_reached", f"A workspace has at most {ACTIVE_LIMIT} connected agents."
        )


def exchange(client: OAuthClient, code: str, proof: Proof) -> tokens.Issued:
    """The first tokens of a grant, for its code. Raises OAuthRefused.

    A code is used up by the first try, right or wrong.
    """
    with transaction.atomic():
        # Before the grant: revoking a client locks it too.
        locked = OAuthClient.objects.select_for_update().filter(pk=client.pk)
        is_valid = locked.filter(revoked_at__isnull=True).exists()
        rows = OAuthGrant.objects.select_for_update().filter(code_hash=keys.digest(code))
        grant = rows.first()
        if grant is None:
            raise OAuthRefused("invalid_grant", "This code is unknown.")
        found = _exchange(grant, client, proof) if is_valid else "This client was revoked."
    if isinstance(found, str):
        log.warning("oauth_code_refused", grant=str(grant.pk), client=str(client.pk), why=found)
        raise OAuthRefused("invalid_grant", found)
    return found


def _exchange(grant: OAuthGrant, client: OAuthClient, proof: Proof) -> tokens.Issued | str:
    """The tokens for a locked grant's code, or why there are none."""
    now = clock.now()
    if grant.code_used_at is not None:
        tokens.end(grant, "its code was used twice")
        return "This code was used already; what it gave was revoked."
    grant.code_used_at = now
    grant.save(update_fields=["code_used_at"])
    if grant.client_id != client.pk:
        return "This code is of another client."
    if grant.code_expires_at <= now:
        return "This code has expired."
    if grant.redirect_uri != proof.redirect_uri:
        return "redirect_uri is not that of the authorization request."
    if not _is_proven(grant.challenge, proof.verifier):
        return "code_verifier does not match the code_challenge."
    if proof.resource and proof.resource != grant.resource:
        return "resource is not that of the authorization request."
    try:
        return _connect(grant, now) or "What the operator allowed is no longer possible."
    except RequestRefused as refused:
        return refused.message


def _connect(grant: OAuthGrant, now: datetime) -> tokens.Issued | None:
    """Make the grant's key and first tokens. Raises RequestRefused."""
    workspace = Workspace.objects.select_for_update().get(pk=grant.workspace_id)
    check_room(workspace)
    name, ends_at = key_name(grant.client), now + tokens.REFRESH_LIFE
    made = consents.make_key(grant, name, ends_at, "Connected by OAuth")
    if made is None:
        return None
    grant.api_key, _ = made
    grant.save(update_fields=["api_key"])
    OAuthClient.objects.filter(pk=grant.client_id).update(connected_at=now)
    prefix, by = grant.api_key.prefix, f"operator:{grant.operator}"
    log.info("oauth_connected", grant=str(grant.pk), key=prefix, by=by)
    return tokens.issue(grant, secret_values.new_pair(), now)


def _is_proven(challenge: str, verifier: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    found = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(found.decode(), challenge)


def _forget(now: datetime) -> None:
    """Delete what is over, so that the table needs no other upkeep. The keys stay."""
    old = OAuthGrant.objects.filter(created_at__lt=now - FORGOTTEN_AFTER)
    old.filter(api_key__isnull=True).delete()
    old.filter(api_key__expires_at__lt=now - HISTORY).delete()
    old.filter(api_key__revoked_at__lt=now - HISTORY).delete()
