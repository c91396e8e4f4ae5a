"""Tokens of a grant: giving them out, renewing and ending them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from destinations.runtime import clock
from posts.keys import keys
from posts.keys.oauth import consents, limits, secret_values
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.keys.oauth.secret_values import TokenPair
from posts.models import ApiKey, OAuthClient, OAuthGrant, OAuthTokens, Workspace

log = structlog.get_logger()

ACCESS_LIFE, REFRESH_LIFE = timedelta(hours=1), timedelta(days=30)
#: For so long a refresh token that was used gives the same answer again: the first was lost on its
#: way, or two threads of a client asked at once. Later it is a thief's, or the client's own after
#: a thief's: the grant ends.
GRACE = timedelta(seconds=60)
UNKNOWN = "This refresh token is unknown, revoked or expired."


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens as a client gets them."""

    pair: TokenPair = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...]


def active(workspace: Workspace) -> QuerySet[OAuthGrant]:
    """The grants that can be used."""
    return OAuthGrant.objects.filter(
        workspace=workspace,
        api_key__revoked_at__isnull=True,
        api_key__expires_at__gt=clock.now(),
    )


def issue(grant: OAuthGrant, pair: TokenPair, now: datetime) -> Issued:
    """Store a pair of a locked grant that has a key."""
    OAuthTokens.objects.create(
        grant=grant,
        access_hash=keys.digest(pair.access),
        access_expires_at=now + ACCESS_LIFE,
        refresh_hash=keys.digest(pair.refresh),
        refresh_expires_at=now + REFRESH_LIFE,
    )
    return _issued(grant, pair, ACCESS_LIFE)


def refresh(client: OAuthClient, token: str, resource: str) -> Issued:
    """The tokens that follow this refresh token. Raises OAuthRefused.

    `resource`: as asking.resource returns it; blank: none was named.
    """
    known = OAuthTokens.objects.filter(refresh_hash=keys.digest(token)).first()
    if known is None:
        raise OAuthRefused("invalid_grant", UNKNOWN)
    limits.demand(str(known.grant_id), "oauth_refreshes", limits.REFRESHES, "refreshes")
    with transaction.atomic():
        # One at a time of each grant: of two at once the second finds what the first has done.
        grant = OAuthGrant.objects.select_for_update().get(pk=known.grant_id)
        known.refresh_from_db()
        found = _refresh(grant, known, client, token, resource)
    if isinstance(found, OAuthRefused):
        log.warning("oauth_refresh_refused", grant=str(grant.pk), why=found.description)
        raise found
    return found


def _refresh(
    grant: OAuthGrant, known: OAuthTokens, client: OAuthClient, token: str, resource: str
) -> Issued | OAuthRefused:
    now = clock.now()
    key = grant.api_key
    if grant.client_id != client.pk:
        return OAuthRefused("invalid_grant", "This refresh token is of another client.")
    if resource and resource != grant.resource:
        return OAuthRefused("invalid_target", f"resource must be {grant.resource}.")
    if key is None or not key.is_active or known.refresh_expires_at <= now:
        return OAuthRefused("invalid_grant", UNKNOWN)
    if not consents.may_allow(grant.operator):
        return OAuthRefused(
            "invalid_grant", "The operator who allowed this may not do so any longer."
        )
    pair = secret_values.next_pair(token)
    if known.used_at is None:
        known.used_at = now
        known.save(update_fields=["used_at"])
        # Expired ones are refused as such; nothing is learned from them.
        grant.tokens.filter(refresh_expires_at__lte=now).delete()
        ApiKey.objects.filter(pk=key.pk).update(expires_at=now + REFRESH_LIFE)
        return issue(grant, pair, now)
    return _again(grant, known.used_at, pair, now)


def _again(
    grant: OAuthGrant, used_at: datetime, pair: TokenPair, now: datetime
) -> Issued | OAuthRefused:
    """The same tokens once more, while they have not been used to get others; else the end."""
    following = grant.tokens.filter(
        refresh_hash=keys.digest(pair.refresh), used_at__isnull=True
    ).first()
    if following is None or now > used_at + GRACE:
        end(grant, "a refresh token was used twice")
        return OAuthRefused(
            "invalid_grant", "This refresh token was used already; its grant was revoked."
        )
    return _issued(grant, pair, following.access_expires_at - now)


def revoke(client: OAuthClient, token: str) -> None:
    """End the grant that an access or refresh token is of (RFC 7009). Raises OAuthRefused."""
    name = keys.digest(token)
    known = OAuthTokens.objects.filter(Q(access_hash=name) | Q(refresh_hash=name))
    found = known.select_related("grant__api_key").first()
    if found is None:
        return
    if found.grant.client_id != client.pk:
        raise OAuthRefused("invalid_grant", "This token is of another client.")
    end(found.grant, "its program revoked it")


def end(grant: OAuthGrant, why: str) -> bool:
    """Revoke the grant's key, and so all of its tokens. False: it had ended already."""
    if grant.api_key is None or not keys.revoke(grant.api_key):
        return False
    OAuthGrant.objects.filter(pk=grant.pk).update(ended_because=why)
    log.info("oauth_ended", grant=str(grant.pk), key=grant.api_key.prefix, why=why)
    return True


def _issued(grant: OAuthGrant, pair: TokenPair, life: timedelta) -> Issued:
    return Issued(pair, int(life.total_seconds()), tuple(grant.scopes))
