"""Cases led to their goals whatever fails meanwhile: each step begins by looking where the case stands now."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from services.demo.visitor import Visitor
from tests.chaos.clients import PAUSE, Client, FaultyAnswerError
from tests.journeys import bodies
from tests.journeys.lives import Staff

GOALS = ("decided", "decided", "decision_pending", "in_assessment", "more_evidence", "eligible", "withdrawn")
"""How far cases go, in turn; `withdrawn` ends where an assessor was about to judge."""


@dataclass(slots=True)
class Script:
    """One case: its people, its goal, and what its people have already asked for."""

    client: Client
    who: Staff
    learner: Visitor
    goal: str
    criteria: list[str]
    asks_completion: bool
    asks_evidence: bool
    case: str = ""
    files: int = 0
    steps: int = field(default=0)

    async def step(self) -> bool:
        """Do what the case waits for; answers whether the goal is reached."""
        if not self.case:
            self.case = str((await self.client.open_case(self.learner))["id"])
        view = await self.client.read(self.learner, f"/cases/{self.case}")
        stage = view["stage"]["stage"]
        if stage in {self.goal, "closed"}:
            return True
        self.steps += 1
        await STEPS.get(stage, _wait)(self, view)
        return False

    async def command(self, visitor: Visitor, kind: str, body: object | None = None, *, version: int) -> bool:
        """Send a command of this case."""
        return await self.client.command(visitor, self.case, kind, body, version=version)

    async def show(self, view: Any) -> str:  # noqa: ANN401 - JSON
        """One file more, pointed at the claim."""
        self.files += 1
        item = await self.client.show(self.learner, self.case, f"Sheets {self.files} of {self.case[-8:]}")
        await self.client.point(self.learner, self.case, item, view["claims"][0]["id"])
        return item

    def advisor(self, view: Any) -> Visitor:  # noqa: ANN401 - JSON
        """Whoever follows the case."""
        if view["advisor"]["id"] != self.who.advisor.person:
            raise FaultyAnswerError(f"{self.case}: another advisor")
        return self.who.advisor

    async def assessor(self, state: str) -> tuple[Visitor, str] | None:
        """Whoever holds a seat of the case in `state`, and its id."""
        for one in self.who.assessors:
            for row in (await self.client.read(one, "/queue"))["waiting"]:
                if row["case_id"] == self.case and row["seat"] == state:
                    return one, str(row["id"])
        return None


async def _wait(_: Script, __: Any) -> None:  # noqa: ANN401 - JSON
    await asyncio.sleep(PAUSE)


async def _send(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    if not script.files:
        await script.client.answer(script.learner, script.case, place="Garderie Exemple", version=0)
        await script.show(view)
    await script.command(script.learner, "submit", bodies.SUBMIT, version=view["version"])


async def _review(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    if script.asks_completion:
        script.asks_completion = not await script.command(
            script.advisor(view), "ask-completion", bodies.ASK_COMPLETION, version=view["version"]
        )
        return
    await script.command(script.advisor(view), "accept-eligibility", version=view["version"])


async def _complete(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    answers = [{"item": item["id"], "answer": "Two places, four years."} for item in view["missing_items"]]
    await script.command(script.learner, "complete", {"answers": answers}, version=view["version"])


async def _send_portfolio(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    await script.command(script.learner, "submit-portfolio", bodies.SUBMIT_PORTFOLIO, version=view["version"])


async def _accept_portfolio(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    await script.command(script.advisor(view), "accept-portfolio", version=view["version"])


async def _sit_down(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    asked = await script.assessor("offered")
    if asked is None:
        await _wait(script, view)
        return
    one, seat = asked
    await script.command(one, "accept-offer", bodies.screen(seat), version=view["version"])


async def _assess(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    seated = await script.assessor("accepted")
    if seated is None:
        await _wait(script, view)
        return
    one, claim = seated[0], view["claims"][0]["id"]
    if script.goal == "withdrawn":
        await script.command(script.learner, "withdraw", bodies.WITHDRAW, version=view["version"])
        return
    if script.asks_evidence:
        request = bodies.request(claim, script.criteria[0])
        script.asks_evidence = not await script.command(one, "request-evidence", request, version=view["version"])
        return
    await _judge(script, one, claim)
    await script.command(one, "submit-judgements", version=view["version"])


async def _judge(script: Script, one: Visitor, claim: str) -> None:
    items = [item["id"] for item in await script.client.read(one, f"/cases/{script.case}/evidence")]
    drafts = await script.client.read(one, f"/cases/{script.case}/judgements")
    version = next((draft["version"] for draft in drafts if draft["claim"] == claim), 0)
    await script.client.write(
        one,
        "PUT",
        f"/cases/{script.case}/judgements/{claim}",
        kind="judge",
        case=script.case,
        json=bodies.judgement(script.criteria, items),
        headers={"If-Match": f'"{version}"'},
    )


async def _answer(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    item = await script.show(view)
    targets = view["requests"][-1]["targets"]
    answers = {"answers": [{"target": target["id"], "evidence": [item]} for target in targets]}
    await script.command(script.learner, "answer-request", answers, version=view["version"])


async def _decide(script: Script, view: Any) -> None:  # noqa: ANN401 - JSON
    decider = script.client.chance.choice(script.who.deciders)
    await script.command(decider, "decide", bodies.DECIDE, version=view["version"])


STEPS: dict[str, Callable[[Script, Any], Awaitable[None]]] = {
    "draft": _send,
    "eligibility_review": _review,
    "incomplete": _complete,
    "eligible": _send_portfolio,
    "portfolio_submitted": _accept_portfolio,
    "assigning": _sit_down,
    "in_assessment": _assess,
    "more_evidence": _answer,
    "decision_pending": _decide,
}
"""What somebody does in each stage; in the others the house itself is at work."""


async def lead(client: Client, scripts: list[Script]) -> None:
    """Lead these cases side by side, a step here and a step there, until each is where it goes."""
    left = list(scripts)
    while left:
        script = client.chance.choice(left)
        if await script.step():
            left.remove(script)


FILES_OF_A_DRAFT = 40
"""After this many an editor begins the next draft: a case does not take any number."""


async def edit(client: Client, learner: Visitor) -> None:
    """Work on drafts for ever: a file, what it is, the form. Ended by whoever started it."""
    while True:
        case, version = await client.open_case(learner), 0
        for number in range(FILES_OF_A_DRAFT):
            await client.show(learner, case["id"], f"Draft {number} of {case['id'][-8:]}")
            version = await client.answer(learner, case["id"], place=f"Garderie Exemple, {number}", version=version)


async def criteria(learner: Visitor) -> list[str]:
    """Keys of what is looked at for the competency of these cases."""
    programme = await learner.get(f"/programmes/{bodies.PROGRAMME}")
    found = next(one for one in programme["competencies"] if one["key"] == bodies.COMPETENCY)
    return [criterion["key"] for criterion in found["criteria"]]
