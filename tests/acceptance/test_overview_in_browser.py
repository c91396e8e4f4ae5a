"""The overview in a real browser refreshes itself, and what its reader holds stays where it is."""

import pytest
from playwright.sync_api import expect

from tests.acceptance.browser import opened
from tests.config.admin.overview import nine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("chromium")]
REFRESH = "htmx.trigger(document.getElementById('overview-live'), 'dovecote:refresh')"


@pytest.fixture
def shown(sign_in):
    """Opens the overview of a bad nine o'clock."""
    nine.make()

    def show(page):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(sign_in(page))
        expect(page.locator("canvas").first).to_be_visible()
        return page

    return show


def test_charts_show_an_hour_or_as_the_reader_chose_a_day(shown):
    points = "Chart.getChart('plot-throughput').data.labels.length"
    with opened() as page:
        shown(page)
        page.wait_for_function(f"{points} === 13")
        page.get_by_role("button", name="24 hours").click()
        assert page.evaluate(points) == 288
        page.reload()
        page.wait_for_function(f"window.Chart?.getChart('plot-lag') && {points} === 288")


def refreshed(page):
    """What the page does by itself every five seconds."""
    with page.expect_response("**/overview/live/") as answer:
        page.evaluate(REFRESH)
    assert answer.value.ok


def test_a_refresh_keeps_focus_scroll_and_open_details(shown):
    with opened() as page:
        shown(page)
        table = page.locator("#table-lag")
        table.locator("summary").click()
        link = page.locator("#network-facebook a").first
        link.focus()
        page.evaluate("window.scrollTo(0, 400)")
        page.evaluate("document.querySelector('#plot-lag').dataset.mine = 'yes'")
        stale = "document.getElementById('overview-as-of').textContent = '00:00:00 UTC'"
        page.evaluate(stale)

        refreshed(page)

        expect(page.locator("#overview-as-of")).not_to_have_text("00:00:00 UTC")
        expect(link).to_be_focused()
        expect(table).to_have_attribute("open", "")
        assert page.evaluate("window.scrollY") == 400
        expect(page.locator("#plot-lag")).to_have_attribute("data-mine", "yes")
        expect(page.locator("#overview-stale")).to_be_hidden()


def test_a_server_that_stops_answering_is_a_visible_warning_until_it_answers(shown):
    with opened() as page:
        shown(page)
        page.route("**/overview/live/", lambda route: route.abort())
        page.evaluate(REFRESH)

        warning = page.locator("#overview-stale")
        expect(warning).to_contain_text("The server has stopped answering. What you see is as of")

        page.unroute("**/overview/live/")
        refreshed(page)
        expect(warning).to_be_hidden()


def test_the_plots_follow_the_theme(shown):
    colour = "Chart.getChart('plot-lag').options.scales.x.ticks.color"
    with opened() as page:
        shown(page)
        light = page.evaluate(colour)

        page.evaluate("document.documentElement.classList.add('dark')")

        page.wait_for_function(f"{colour} !== '{light}'")


def test_a_hidden_page_asks_nothing_and_asks_once_it_is_shown(shown):
    hide = "value => Object.defineProperty(document, 'hidden', {value, configurable: true})"
    asked = []
    with opened() as page:
        shown(page)
        page.evaluate(hide, True)
        page.on("request", lambda request: asked.append(request.url))

        page.evaluate(REFRESH)
        page.evaluate("fetch('/healthz').then((answer) => answer.text())")
        assert [url for url in asked if "/admin/" in url] == []

        page.evaluate(hide, False)
        with page.expect_response("**/overview/live/"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
