"""How a journey's test gets a case to where its own question begins."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from services.demo.visitor import API, Visitor
from services.rules.people import Role
from tests.journeys import bodies
from tests.journeys.installations import Installation

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Staff:
    """Those who work on every case of a module's tests."""

    advisor: Visitor
    assessors: tuple[Visitor, ...]
    deciders: tuple[Visitor, ...]


async def staff(town: Installation, *, each: int = 8) -> Staff:
    """One advisor, `each` assessors and as many who decide."""
    advisor = await town.join("advisor", Role.ADVISOR)
    assessors = [await town.join(f"assessor.{number}", Role.ASSESSOR) for number in range(each)]
    deciders = [await town.join(f"decider.{number}", Role.DECISION_MAKER) for number in range(each)]
    return Staff(advisor, tuple(assessors), tuple(deciders))


async def drafted(town: Installation) -> tuple[Visitor, str]:
    """A new learner's draft that is ready to be sent."""
    learner = await town.join(f"learner.{next(_NUMBERS)}", Role.LEARNER)
    case = await learner.post("/cases", bodies.opening())
    await learner.put(f"/cases/{case['id']}/answers", {"answers": bodies.ANSWERS, "version": 0})
    item = await learner.send_file(case["id"], "sheets.pdf", bodies.file("Sheets"), lambda _: None)
    await learner.patch(f"/cases/{case['id']}/evidence/{item['id']}", bodies.description("Sheets"))
    pointer = {"claim": case["claims"][0]["id"], "page": 1}
    await learner.post(f"/cases/{case['id']}/evidence/{item['id']}/pointers", pointer)
    return learner, str(case["id"])


async def stage(visitor: Visitor, case_id: str, wanted: str) -> Any:  # noqa: ANN401 - JSON
    """Wait until the case is in the stage `wanted`."""
    return await visitor.until(lambda: visitor.case(case_id), lambda case: case["stage"]["stage"] == wanted)


async def reviewed(town: Installation) -> tuple[Visitor, str]:
    """A case that its advisor looks at."""
    learner, case_id = await drafted(town)
    await learner.command(case_id, "submit", bodies.SUBMIT)
    await stage(learner, case_id, "eligibility_review")
    return learner, case_id


async def offered(town: Installation, who: Staff) -> tuple[Visitor, str, Visitor, str]:
    """A case that somebody is asked to assess: learner, case, who is asked, their seat."""
    learner, case_id = await reviewed(town)
    await who.advisor.command(case_id, "accept-eligibility")
    await learner.command(case_id, "submit-portfolio", bodies.SUBMIT_PORTFOLIO)
    await who.advisor.command(case_id, "accept-portfolio")
    for assessor in who.assessors:
        for row in (await assessor.get("/queue"))["waiting"]:
            if row["case_id"] == case_id:
                return learner, case_id, assessor, str(row["id"])
    raise AssertionError("nobody was asked")


async def judged(town: Installation, who: Staff) -> tuple[Visitor, str]:
    """A case that waits for a decision."""
    learner, case_id, assessor, seat = await offered(town, who)
    shown = await assessor.get(f"/cases/{case_id}/screen")
    await assessor.command(case_id, "accept-offer", bodies.screen(seat), version=shown["version"])
    await stage(learner, case_id, "in_assessment")
    claim = (await assessor.case(case_id))["claims"][0]
    programme = await assessor.get(f"/programmes/{bodies.PROGRAMME}")
    criteria = next(one["criteria"] for one in programme["competencies"] if one["key"] == claim["competency"])
    items = [item["id"] for item in await assessor.get(f"/cases/{case_id}/evidence")]
    written = bodies.judgement([criterion["key"] for criterion in criteria], items)
    await assessor.put(f"/cases/{case_id}/judgements/{claim['id']}", written, if_match=0)
    await assessor.command(case_id, "submit-judgements")
    await stage(learner, case_id, "decision_pending")
    return learner, case_id


async def send(
    visitor: Visitor, case_id: str, kind: str, body: object | None = None, *, version: int, key: str
) -> httpx.Response:
    """A command as it is answered, whatever the answer."""
    headers = visitor.headers | {"If-Match": f'"{version}"', "Idempotency-Key": key}
    return await visitor.http.post(f"{API}/cases/{case_id}/{kind}", json=body, headers=headers)


async def outcome(visitor: Visitor, answer: httpx.Response) -> str:
    """What became of a command in the end: `applied`, or the code of its refusal."""
    if answer.status_code == 202:
        place = answer.headers["location"].removeprefix(API)
        told = await visitor.until(lambda: visitor.get(place), lambda command: command["status"] != "pending")
        return str(told["code"] or told["status"])
    told = answer.json()
    return str(told["status"] if answer.status_code == 200 else told["code"])
