"""How the tests of pages open a page and send a form, as a browser of ours does."""

import httpx

from services.records.tables.people import Person
from tests.api.kit import HERE, Api


async def read(api: Api, person: Person, path: str, status: int = 200) -> str:
    """The page that `person` finds."""
    answer = await api.http.get(path, headers=await api.as_(person))
    assert answer.status_code == status, answer.text
    return answer.text


async def sent(api: Api, person: Person, path: str, **fields: str) -> httpx.Response:
    """What a form is answered."""
    return await api.http.post(path, headers=await api.as_(person) | HERE, data=fields)
