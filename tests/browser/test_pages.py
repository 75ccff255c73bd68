"""Every page in every state: without fault for axe and for eyes that need something else, in both languages."""

import pytest

from services.api.pages import about
from tests.browser import catalogue, houses, results, walk
from tests.browser.conftest import Site
from tests.browser.forms import rendered
from tests.browser.walk import Walk
from tests.records.moving import People


async def walked(site: Site, who: People, *, whole: bool) -> None:
    """A walk through every page of a house that is furnished for it; through the forms of commands if it is `whole`."""
    house = await houses.furnished(site.api, who)
    forms = await walk.commands(house)
    assert [row.name.removeprefix("do-").replace("-", "_") for row in forms] == list(catalogue.COMMANDS)
    made = Walk(site, house, pictures=whole)
    await made.through([*catalogue.ROWS, *(forms if whole else ())], whole=whole)
    assert made.faults + await rendered(house, forms) == []
    assert set(made.unsettled) <= set(results.UNSETTLED), made.unsettled


def test_every_route_that_shows_a_page_stands_in_the_catalogue() -> None:
    opened = {catalogue.route(row.path) for row in catalogue.ROWS if row.status < 300}
    assert catalogue.routes() - opened == set(catalogue.WITHOUT_A_PAGE)
    assert len({row.name for row in catalogue.ROWS}) == len(catalogue.ROWS)


def test_the_statement_of_accessibility_tells_of_the_pages_of_now() -> None:
    assert about.checked() == results.of(about.checked().date), "run make pages"


@pytest.mark.gate
async def test_every_page_is_without_fault_for_everybody(site: Site, who: People) -> None:
    await walked(site, who, whole=False)


@pytest.mark.pages
async def test_every_page_in_both_languages_on_both_screens(site: Site, who: People) -> None:
    await walked(site, who, whole=True)
    results.write()
