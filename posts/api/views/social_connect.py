"""Connect an account from a terminal: begin, open a browser, ask how far it has come."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations import access
from destinations.accounts import links, oauth_apps, sessions
from destinations.accounts.messages import PAGES, ConnectError
from destinations.accounts.oauth_apps import LoginNotConfigured
from destinations.models import Account, Connection
from platforms.registry import ADAPTERS, ALIASES, BY_FORM
from posts.api.auth import author, reach_of
from posts.api.endpoints import options
from posts.api.schema.examples import NETWORK
from posts.api.serializers.fields import AccountNumberField, StrictSerializer, TextField, field_hint
from posts.api.serializers.resources import read
from posts.composing.destinations import Author
from posts.errors import RequestRefused, invalid, known, try_again
from posts.models import ApiKey

RECONNECT = "reconnect"
#: The one in examples.
FIRST = next(iter(BY_FORM))
#: Codes of networks that cannot be asked now.
PASSING = ("platform_unavailable", "rate_limited", "deadline")
#: Seconds until a network that is away may answer.
RETRY_SECONDS = 10


class StartConnectSerializer(StrictSerializer):
    platform = TextField(max_length=50, help_text="The network of the account.")
    mode = serializers.ChoiceField(
        ["connect", RECONNECT],
        required=False,
        help_text="`reconnect`: renew the authorization of `account_id`, and of no other account.",
    )
    account_id = AccountNumberField(
        required=False, help_text="The account to reconnect; only with mode `reconnect`."
    )

    def validate_platform(self, value: str) -> str:
        return supported(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs.get("mode") == RECONNECT) != ("account_id" in attrs):
            raise serializers.ValidationError(
                {"account_id": "mode reconnect and account_id go together; send both or neither."}
            )
        return attrs


def _fields_of(platform: str, *, required: bool) -> dict[str, Any]:
    """The fields of a network's own credentials; none if it is not here."""
    login = oauth_apps.with_form(platform)
    return {
        each.name: TextField(
            max_length=each.max_chars,
            help_text=each.help or each.label,
            required=required and each.is_required,
        )
        for each in (login.form.fields if login and login.form else ())
    }


class PlatformSerializer(serializers.Serializer):
    platform = TextField(max_length=50, help_text="The network of the account.")


#: A network with its credentials, whose names are each network's own.
CredentialsSerializer = type(
    "CredentialsSerializer",
    (PlatformSerializer,),
    {name: field for key in BY_FORM for name, field in _fields_of(key, required=False).items()},
)


def credentials_of(platform: str) -> type[serializers.Serializer] | None:
    """The body with a network's own credentials; None if it is not here."""
    fields = _fields_of(platform, required=True)
    name = f"{platform.capitalize()}CredentialsSerializer"
    return type(name, (serializers.Serializer,), fields) if fields else None


def example_of(platform: str) -> dict[str, str]:
    """Return examples of a network's own credentials; empty if it is not here."""
    login = oauth_apps.with_form(platform)
    fields = login.form.fields if login and login.form else ()
    return {each.name: each.example for each in fields if each.example}


class ConnectSessionSerializer(serializers.Serializer):
    session_id = serializers.CharField(help_text="What the state of this connection is asked by.")
    authorize_url = serializers.URLField(
        help_text="The link, for the account's owner to open in a browser within ten minutes."
    )
    interval = serializers.IntegerField(help_text="Seconds to wait between two questions.")


class ConnectedAccountSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    platform = serializers.CharField()
    account_name = serializers.CharField(source="name")


class ConnectStateSerializer(serializers.Serializer):
    status = serializers.ChoiceField(
        ["pending", "completed", "cancelled", "expired"],
        help_text="`cancelled`: the owner refused, at the network or here.",
    )
    account = ConnectedAccountSerializer(
        required=False, help_text="The account, once it is connected; of several, the first."
    )
    accounts = ConnectedAccountSerializer(
        many=True, required=False, help_text="All accounts that this login connected."
    )


class ConnectedSerializer(serializers.Serializer):
    account = ConnectedAccountSerializer(help_text="The account that was connected.")


def supported(name: str) -> str:
    """The network's key. Raises RequestRefused for a network that we do not have."""
    key = ALIASES.get(name.lower(), name.lower())
    if key not in ADAPTERS:
        raise RequestRefused(
            "unsupported_platform",
            f"{name[:50]} cannot be connected here. The platforms are {', '.join(ADAPTERS)}.",
            supported=list(ADAPTERS),
        )
    return key


#: Seconds between two questions about a session.
INTERVAL = 3
NO_STORE = {"Cache-Control": "no-store"}


class StartConnect(APIView):
    @extend_schema(
        operation_id="start_connect",
        request=StartConnectSerializer,
        responses=ConnectSessionSerializer,
        examples=[OpenApiExample("connect", value={"platform": NETWORK.key}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Begin to connect an account: open `authorize_url`, then ask for the session's state."""
        wanted = read(StartConnectSerializer, request.data)
        who = author(request)
        try:
            connection, url = _start(request, who, wanted)
        except LoginNotConfigured as why:
            raise ValidationError({"platform": str(why)}) from why
        found = {"session_id": connection.pk, "authorize_url": url, "interval": INTERVAL}
        return Response(ConnectSessionSerializer(found).data, headers=NO_STORE)


class ConnectState(APIView):
    # Only those who may begin a session have one to ask about.
    @options(scope=ApiKey.Scope.WRITE)
    @extend_schema(operation_id="get_connect_state", responses=ConnectStateSerializer)
    def get(self, request: Request, session_id: str) -> Response:
        """Tell how far the owner has come in the browser, and which account is connected."""
        connection = known(sessions.find(reach_of(request), int(session_id)), "session")
        found: dict[str, Any] = {"status": sessions.progress(connection)}
        if accounts := sessions.connected(connection):
            found |= {"account": accounts[0], "accounts": accounts}
        return Response(ConnectStateSerializer(found).data, headers=NO_STORE)


class ConnectCredential(APIView):
    @extend_schema(
        operation_id="connect_credential",
        request=CredentialsSerializer,
        responses=ConnectedSerializer,
        examples=[
            OpenApiExample(
                "connect", value={"platform": FIRST, **example_of(FIRST)}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Connect an account by a network's own credentials, or renew its authorization.

        They are tried at the network before anything is stored. Networks that ask for their owner's
        consent take none: they are connected with the link of POST /accounts/connect-link.
        """
        platform = read(PlatformSerializer, _platform_of(request.data))["platform"]
        return _connect(request, platform)


def by_credentials(platform: str) -> type[APIView]:
    """The endpoint that connects an account of this network."""
    body = credentials_of(platform)

    class ConnectByCredentials(APIView):
        @extend_schema(
            operation_id=f"connect_{platform}",
            request=body,
            responses=ConnectedSerializer,
            examples=[OpenApiExample("connect", value=example_of(platform), request_only=True)]
            if body
            else [],
        )
        def post(self, request: Request) -> Response:
            """Connect an account by its credentials, or say that the network is not here."""
            _platform_of(request.data)
            return _connect(request, platform)

    return ConnectByCredentials


def _connect(request: Request, platform: str) -> Response:
    key = supported(platform)
    login = oauth_apps.with_form(key)
    if login is None or login.form is None:
        raise _refused(platform)
    who = author(request)
    if who.only is not None:
        raise PermissionDenied("This key is limited to some accounts and cannot connect others.")
    said = dict(request.data)
    _refuse_unknown(said, key)
    answers = {
        each.name: said.get(each.name) if each.is_required else said.get(each.name) or ""
        for each in login.form.fields
    }
    texts = {name: value for name, value in answers.items() if isinstance(value, str)}
    if odd := answers.keys() - texts:
        raise invalid(min(odd), "It must be a text.")
    try:
        accounts = sessions.connect_at_once(who.workspace_id, login, texts)
    except ConnectError as error:
        raise _not_connected(error) from error
    return Response(ConnectedSerializer({"account": accounts[0]}).data, headers=NO_STORE)


def _refuse_unknown(said: Mapping[str, Any], platform: str) -> None:
    """Raise RequestRefused for a field that this network's credentials do not have."""
    known = {*_fields_of(platform, required=False), "platform"}
    for name in said:
        if name not in known:
            raise RequestRefused(
                "invalid_field_name", field_hint(name, sorted(known)), field=name[:100]
            )
    if supported(str(said.get("platform") or platform)) != platform:
        raise invalid("platform", f"This is the endpoint of {platform}.")


def _not_connected(error: ConnectError) -> RequestRefused:
    is_away = error.words.get("code") in PASSING
    if error.why == "not_accepted" and not is_away:
        return invalid("credentials", error.words["said"])
    if is_away or error.why in ("away", "busy"):
        return try_again("The network could not be asked; try again.", RETRY_SECONDS)
    page = PAGES[error.why]
    if error.why == "full":
        return RequestRefused("account_limit_reached", page.text.format(**error.words))
    return RequestRefused("validation_error", f"{page.title}.")


def _start(request: Request, who: Author, wanted: Mapping[str, Any]) -> tuple[Connection, str]:
    said: dict[str, Any] = {"by": who.by, "request_id": who.request_id}
    if "account_id" in wanted:
        return links.create_reconnect_link(_to_reconnect(request, wanted), **said)
    if who.only is not None:
        raise PermissionDenied("This key is limited to some accounts and cannot connect others.")
    return links.create_link(who.workspace_id, wanted["platform"], **said)


def _to_reconnect(request: Request, wanted: Mapping[str, Any]) -> Account:
    account = known(access.account(reach_of(request), wanted["account_id"]), "account")
    if account.platform != wanted["platform"]:
        raise invalid("platform", f"This account is on {account.platform}.")
    return account


def _refused(name: str) -> RequestRefused:
    """Why an account of this network cannot be connected by credentials."""
    adapter = ADAPTERS[supported(name)]
    return RequestRefused(
        "unsupported_platform",
        f"{adapter.name} takes no credentials; its owner connects it with the link of POST "
        f"/accounts/connect-link. By credentials: {', '.join(BY_FORM)}.",
        supported=list(ADAPTERS),
    )


def _platform_of(data: Any) -> dict[str, Any]:
    """What `data` says of the network; the rest are credentials, which nothing here reads."""
    if not isinstance(data, Mapping):
        raise ValidationError({"non_field_errors": ["The body must be a JSON object."]})
    return {"platform": data["platform"]} if "platform" in data else {}
