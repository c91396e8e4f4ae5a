"""People are told when an incident begins, becomes worse and is over, by real mail and HTTP."""

import json
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from config.incidents import notify
from config.management.commands import doctor
from config.models import Incident
from config.operators import roles
from config.status import notifications
from config.status.notifications import Message, Receiver
from destinations.runtime import clock
from tests.config.closed import closed_port

pytestmark = pytest.mark.django_db


@contextmanager
def receiver(status: int = 200):
    """A program that takes messages: its address, and what it was sent."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}", taken
    server.shutdown()
    server.server_close()


@pytest.fixture
def told(monkeypatch, settings):
    """Titles of what was sent; `told.works` says whether it arrives."""
    settings.NOTIFY_URLS = ["json://example.invalid"]
    sent = Sent()
    monkeypatch.setattr(notify, "send", sent.send)
    return sent


class Sent(list):
    works = True

    def __init__(self) -> None:
        self.kinds, self.numbers = [], []

    def send(self, message: Message, to: list[Receiver]) -> list[bool]:
        self.append((message.title, message.body))
        self.kinds.append(message.kind)
        self.numbers.append([each.number for each in to])
        return [self.works] * len(to)


def incident(
    said: str = "Posts are late on X.",
    *,
    ago: float = 60,
    level: str = "problem",
    cause: str = "lateness:x",
):
    at = clock.now() - timedelta(seconds=ago)
    cause = f"{cause}{Incident.objects.count()}"
    fields = {
        "cause": cause,
        "level": level,
        "said": said,
        "remedy": "Look.",
        "seen_at": clock.now(),
    }
    return Incident.objects.create(opened_at=at, **fields)


def grow(row: Incident, count: int, workspaces: int) -> None:
    Incident.objects.filter(pk=row.pk).update(now_count=count, now_workspaces=workspaces)


def quarter_later() -> None:
    Incident.objects.update(told_at=clock.now() - timedelta(minutes=16))


def test_one_is_told_once_it_has_lasted_and_only_once(told):
    incident()
    incident("Brand new.", ago=5)

    assert notify.tell()
    assert notify.tell()
    quarter_later()
    notify.tell()

    [(title, body)] = told
    assert title == "Dovecote: Posts are late on X."
    assert "UTC: Posts are late on X. Look." in body
    assert body.endswith(f"/admin/config/incident/{Incident.objects.last().pk}/change/")


def test_several_are_one_message_the_worst_first(told):
    incident("A small thing.", level="warning")
    incident()

    notify.tell()

    [(title, body)] = told
    assert title == "Dovecote: 2 incidents: Posts are late on X."
    assert body.index("Posts are late") < body.index("A small thing")


def test_the_end_is_told_at_once_and_only_once(told):
    row = incident(ago=600)
    notify.tell()
    Incident.objects.filter(pk=row.pk).update(closed_at=clock.now())
    notify.tell()
    assert len(told) == 2
    quarter_later()
    notify.tell()

    assert len(told) == 2
    assert told[1][0] == "Dovecote: Over: Posts are late on X."
    assert "Over after 10 min" in told[1][1]
    assert told.kinds == ["failure", "success"]


def test_worse_is_told_at_once_and_better_is_not(told):
    row = incident(level="warning")
    notify.tell()
    for level in ("problem", "warning"):
        Incident.objects.filter(pk=row.pk).update(level=level)
        notify.tell()
    assert told.kinds == ["warning", "failure"]

    quarter_later()
    notify.tell()

    assert len(told) == 2


@pytest.mark.parametrize(
    ("minutes", "count", "workspaces", "is_told"),
    [
        (1, 7, 1, True),
        (1, 4, 2, True),
        (1, 3, 1, False),
        (30, 3, 1, False),
        (30, 3, 2, True),
        (30, 1, 1, False),
    ],
)
def test_what_grows_is_told_again(told, minutes, count, workspaces, is_told):
    row = incident("2 accounts to reconnect.", level="warning", cause="accounts to reconnect:x")
    grow(row, 2, 1)
    notify.tell()
    Incident.objects.update(told_at=clock.now() - timedelta(minutes=minutes))
    grow(row, count, workspaces)

    notify.tell()
    notify.tell()

    assert len(told) == 1 + is_told


def test_one_customer_more_among_many_waits_for_the_quarter_of_an_hour(told):
    row = incident(cause="accounts to reconnect:x")
    grow(row, 9, 9)
    notify.tell()
    grow(row, 10, 10)
    notify.tell()
    assert len(told) == 1

    quarter_later()
    notify.tell()

    assert len(told) == 2


def test_a_few_posts_more_are_no_growth_of_what_holds_posts_up(told):
    row = incident()
    for posts in (1, 4, 40):
        grow(row, posts, 1)
        notify.tell()

    assert len(told) == 2


def test_growth_that_no_one_took_is_told_again(told):
    row = incident(cause="accounts to reconnect:x")
    grow(row, 1, 1)
    notify.tell()
    grow(row, 7, 4)
    told.works = False
    assert not notify.tell()
    told.works = True

    assert notify.tell()

    assert len(told) == 3


def test_what_ended_before_it_was_told_is_not_told(told):
    row = incident(ago=5)
    Incident.objects.filter(pk=row.pk).update(closed_at=clock.now())

    notify.tell()

    assert not told


def test_a_message_that_no_one_took_is_sent_again(told):
    incident()
    told.works = False
    assert not notify.tell()
    told.works = True

    assert notify.tell()
    assert notify.tell()

    assert len(told) == 2


def test_without_an_address_nothing_is_noted_as_told(settings):
    settings.NOTIFY_URLS = []
    incident()

    assert notify.tell()

    assert Incident.objects.get().told == ""


def test_a_program_is_told_over_http_although_another_one_is_away(settings, caplog):
    with receiver() as (url, taken):
        away = f"json://secret@127.0.0.1:{closed_port()}"
        settings.NOTIFY_URLS = [away, url]
        incident()
        assert notify.tell()

    [said] = taken
    assert said["title"] == "Dovecote: Posts are late on X."
    assert "number 1 of NOTIFY_URLS" in caplog.text
    assert "secret" not in caplog.text


@contextmanager
def mailbox():
    """A mail server: the URL of a receiver there, and who got which mail."""
    mails = []

    class Handler:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
            mails.append(
                (envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default))
            )
            return "250 OK"

    controller = Controller(Handler(), hostname="127.0.0.1", port=closed_port())
    controller.start()
    try:
        yield (
            f"mailto://127.0.0.1:{controller.port}?from=dovecote@example.com&to=oncall@example.com",
            mails,
        )
    finally:
        controller.stop()


def test_a_mail_is_sent_by_smtp(settings):
    with mailbox() as (url, mails):
        settings.NOTIFY_URLS = [url]
        [sent] = notifications.send_test()
    assert sent.level == "ok"

    [(to, mail)] = mails
    assert to == ["oncall@example.com"]
    assert mail["subject"] == "Dovecote: a test"
    assert "are told here" in mail.get_body().get_content()


def test_what_strangers_say_is_no_markup_and_pings_no_operator(settings):
    words = 'Mastodon <a href="https://evil.example">here</a> @everyone <!channel> @acme.example'
    with mailbox() as (plain, mails), receiver() as (hook, told):
        html = f"{plain}&format=html"
        settings.NOTIFY_URLS = [plain, html, hook]
        sent = Message(words, words, "info", [{"title": words}])
        assert all(notifications.send(sent, notifications.receivers()))

    [plain_mail, html_mail] = [mail for _, mail in mails]
    assert [each.get_content_type() for each in plain_mail.walk()] == ["text/plain"]
    assert "<a href" in plain_mail.get_content()
    assert "<a" not in html_mail.get_body(("html",)).get_content()
    [said] = told
    told = said["title"], said["message"], said["incidents"][0]["title"]
    for each in (*told, plain_mail.get_content(), plain_mail["subject"]):
        assert "@everyone" not in each
        assert "<!channel" not in each
        assert "@acme.example" in each


def test_warnings_go_to_a_mailbox_and_problems_to_a_pager(settings):
    incident("A small thing.", level="warning")
    incident()

    with mailbox() as (mail, mails), receiver() as (pager, paged), receiver() as (both, said):
        settings.NOTIFY_URLS = [f"warning={mail}", f"problem={pager}", both]
        assert notify.tell()
        assert notify.tell()

    assert [each["subject"] for _, each in mails] == ["Dovecote: A small thing."]
    assert [each["title"] for each in paged] == ["Dovecote: Posts are late on X."]
    assert [each["title"] for each in said] == ["Dovecote: 2 incidents: Posts are late on X."]


def test_what_becomes_worse_is_told_to_both_and_its_end_to_those_of_problems(told, settings):
    settings.NOTIFY_URLS = ["warning=json://a.invalid", "problem=json://b.invalid"]
    row = incident(level="warning")
    notify.tell()
    for change in ({"level": "problem"}, {"closed_at": clock.now()}):
        Incident.objects.filter(pk=row.pk).update(**change)
        notify.tell()

    assert told.numbers == [[1], [1, 2], [2]]


def test_what_no_one_wants_to_hear_is_told_at_once_when_it_becomes_worse(told, settings):
    settings.NOTIFY_URLS = ["problem=json://b.invalid"]
    row = incident(level="warning")
    assert notify.tell()
    Incident.objects.filter(pk=row.pk).update(level="problem")

    assert notify.tell()

    assert told.kinds == ["failure"]


def test_one_of_two_messages_that_no_one_took_is_sent_again(told, settings):
    settings.NOTIFY_URLS = ["warning=json://a.invalid", "problem=json://b.invalid"]
    incident(level="warning")
    incident()
    told.works = False
    assert not notify.tell()
    told.works = True

    assert notify.tell()

    assert told.numbers == [[2], [1], [2], [1]]


def test_what_one_customers_own_server_causes_pages_no_operator_unless_asked_for(told, settings):
    row = incident("A blog is down.", level="notice", cause="outages:account:7")
    assert notify.tell()
    Incident.objects.filter(pk=row.pk).update(closed_at=clock.now())
    assert notify.tell()
    assert not told

    incident("Another blog is down.", level="notice", cause="outages:account:8")
    settings.NOTIFY_URLS = ["json://a.invalid", "notice=json://b.invalid"]
    notify.tell()

    assert (told.numbers, told.kinds) == ([[2]], ["info"])


def test_doctors_test_says_which_address_did_not_take_it(settings, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "findings", list)
    with receiver(status=500) as (bad, _), receiver() as (good, taken):
        settings.NOTIFY_URLS = [good, bad]
        with pytest.raises(CommandError, match="1 problem"):
            call_command("doctor", notify=True)
    assert "Number 2 of NOTIFY_URLS did not take a test message" in capsys.readouterr().out
    assert len(taken) == 1
    settings.NOTIFY_URLS = []
    with pytest.raises(CommandError, match="1 problem"):
        call_command("doctor", notify=True)


def test_doctor_names_an_address_that_is_none_by_its_number(settings):
    settings.NOTIFY_URLS = ["json://example.com", "what://secret@example.com"]

    [finding] = notifications.check_notifications()

    assert (finding.level, "Number 2" in finding.said) == ("problem", True)
    assert "secret" not in finding.said


def test_doctor_says_of_which_level_no_one_is_told(settings):
    settings.NOTIFY_URLS = ["warning=json://example.com"]

    understood, silent = notifications.check_notifications()

    assert understood.level == "ok"
    assert silent.said.startswith("No one is told of problems:")


def test_an_answer_that_does_not_come_in_time_counts_as_not_taken(settings, monkeypatch):
    settings.NOTIFY_URLS = ["json://example.invalid"]
    monkeypatch.setattr(notifications, "TEST_SECONDS", 0.01)

    [finding] = notifications.send_test()

    assert finding.said == "Number 1 of NOTIFY_URLS did not take a test message."


# The button above the list

BUTTON = "Send a test message"
LIST = "/admin/config/incident/"


def test_the_button_sends_a_test_and_says_who_took_it(settings, admin_client):
    with receiver(status=500) as (bad, _), receiver() as (good, taken):
        settings.NOTIFY_URLS = [good, bad]
        assert BUTTON in admin_client.get(LIST).content.decode()
        page = admin_client.post(f"{LIST}test/", follow=True).content.decode()
    assert "2 URLs are told of incidents." in page
    assert "Number 2 of NOTIFY_URLS did not take a test message. deploy/RUNBOOK.md" in page
    assert [message["title"] for message in taken] == ["Dovecote: a test"]

    with receiver() as (good, taken):
        settings.NOTIFY_URLS = [good]
        page = admin_client.post(f"{LIST}test/", follow=True).content.decode()
    assert "1 URL was sent a test message." in page


def test_where_no_one_is_told_there_is_nothing_to_try(settings, admin_client):
    settings.NOTIFY_URLS = []

    page = admin_client.get(LIST).content.decode()

    assert "No one is told: NOTIFY_URLS is empty." in page
    assert BUTTON not in page


def test_a_viewer_sees_who_is_told_and_sends_nothing(settings, client):
    settings.NOTIFY_URLS = ["json://example.invalid"]
    viewer = User.objects.create_user("viewer")
    roles.give(viewer, roles.VIEWER)
    client.force_login(viewer)

    page = client.get(LIST).content.decode()

    assert "1 URL is told of incidents." in page
    assert BUTTON not in page
    assert client.post(f"{LIST}test/").status_code == 403
    assert client.get(f"{LIST}test/").status_code == 405
