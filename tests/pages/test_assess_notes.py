"""Notes at the evidence on the workbench, without scripts and through the API: at their place, and nobody else's."""

import re
from uuid import UUID, uuid4

import pytest

from services.api.pages import assess_notes
from services.records import cases
from services.records.reading_notes import Place
from services.rules.case import SeatKind, SeatState
from services.rules.people import Role
from services.rules.rectangles import Rectangle
from services.rules.refusals import Refused
from tests.api.kit import Api
from tests.api.test_whole_case import good
from tests.pages.reading import read, sent
from tests.records import makers, moving
from tests.records.moving import People


@pytest.mark.parametrize(
    ("at", "page", "seconds"), [("", None, None), ("2", 2, None), ("1:30", None, 90), ("1:00:05", None, 3605)]
)
def test_a_place_is_a_page_or_a_time(at: str, page: int | None, seconds: int | None) -> None:
    piece = uuid4()
    assert assess_notes.place(piece, at) == Place(piece, page, seconds)


@pytest.mark.parametrize("at", ["two", "1:2", "-1", "9999999"])
def test_what_is_neither_is_refused(at: str) -> None:
    with pytest.raises(Refused, match="malformed"):
        assess_notes.place(uuid4(), at)


async def piece_of(api: Api, case_id: UUID, who: People) -> str:
    return str(good(await api.get(f"/cases/{case_id}/evidence", who.assessor))[0]["id"])


async def test_a_note_is_kept_changed_and_removed_without_scripts(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    piece, bench = await piece_of(api, case_id, who), f"/en/assess/{case_id}"
    assert "data-new-note hidden" in await read(api, who.assessor, bench)
    assert "data-new-note>" in await read(api, who.assessor, f"{bench}?shown={piece}")
    kept = await sent(api, who.assessor, f"{bench}/notes", evidence=piece, at="2", text="Signed <b>here</b>?")
    assert kept.headers["location"] == f"{bench}?shown={piece}#notes"
    seen = await read(api, who.assessor, bench)
    assert "Signed &lt;b&gt;here&lt;/b&gt;?" in seen
    assert f'data-open="{piece}" data-page="2"' in seen
    note = re.search(r'action="([^"]*/notes/[^"]*)"', seen)
    assert note is not None
    changed = await sent(api, who.assessor, note[1], evidence=piece, version="1", text="Signed", act="change")
    assert changed.status_code == 303
    stale = await sent(api, who.assessor, note[1], evidence=piece, version="1", text="Again", act="change")
    assert stale.status_code == 409
    for person in (who.advisor, who.learner):
        assert (await sent(api, person, f"{bench}/notes", evidence=piece, text="x")).status_code == 403
    await sent(api, who.assessor, note[1], evidence=piece, act="remove")
    assert "Signed" not in await read(api, who.assessor, bench)


async def test_a_part_of_a_page_is_written_in_percent_and_answered_in_fractions(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    piece, bench = await piece_of(api, case_id, who), f"/en/assess/{case_id}"
    part = {"left": "10", "top": "12,5", "width": "50.25", "height": "7"}
    await sent(api, who.assessor, f"{bench}/notes", evidence=piece, at="2", text="Who signed?", **part)
    assert 'data-page="2" data-part="0.1 0.125 0.5025 0.07"' in await read(api, who.assessor, bench)
    for wrong in (part | {"top": ""}, part | {"left": "60"}, part | {"width": "nan"}):
        refused = await sent(api, who.assessor, f"{bench}/notes", evidence=piece, at="2", text="x", **wrong)
        assert refused.status_code == 422
    path = f"/cases/{case_id}/reading-notes"
    (kept,) = good(await api.get(path, who.assessor))
    assert kept["rectangle"] == {"left": 0.1, "top": 0.125, "width": 0.5025, "height": 0.07}
    again = {"evidence": piece, "text": "The same", "page": 3, "rectangle": kept["rectangle"]}
    assert good(await api.write("POST", path, who.assessor, again), 201)["rectangle"] == kept["rectangle"]
    for fault in ({"left": 2}, {"depth": 1}):
        answer = await api.write("POST", path, who.assessor, again | {"rectangle": kept["rectangle"] | fault})
        assert answer.status_code == 422
    assert assess_notes.place(UUID(piece), "", Rectangle(0, 0, 1, 1)).rectangle == Rectangle(0, 0, 1, 1)


async def test_a_second_reader_finds_no_note_of_the_first(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    piece, path = await piece_of(api, case_id, who), f"/cases/{case_id}/reading-notes"
    note = {"evidence": piece, "text": "Seen first", "seconds": 5}
    kept = good(await api.write("POST", path, who.assessor, note), 201)
    assert good(await api.get(path, who.assessor)) == [kept]
    async with api.database.writing() as session:
        second = await makers.staff(session, Role.ASSESSOR)
        case = await cases.get(session, case_id)
        await makers.seat(session, case, second, kind=SeatKind.SECOND, state=SeatState.ACCEPTED)
    assert good(await api.get(path, second)) == []
    assert "Seen first" not in await read(api, second, f"/en/assess/{case_id}")
    other = await api.write("PUT", f"{path}/{kept['id']}", second, {"text": "x", "version": 1})
    assert other.status_code == 404
    unknown = await api.write("POST", path, who.assessor, {"evidence": str(uuid4()), "text": "x"})
    assert unknown.status_code == 404
    for person, status in ((who.advisor, 403), (who.learner, 403), (who.lead, 403), (who.decider, 404)):
        assert (await api.get(path, person)).status_code == status
    again = good(await api.write("PUT", f"{path}/{kept['id']}", who.assessor, {"text": "Other", "version": 1}))
    assert (again["text"], again["version"]) == ("Other", 2)
    assert (await api.write("DELETE", f"{path}/{kept['id']}", who.assessor)).status_code == 204
