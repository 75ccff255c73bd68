"""A report of somebody whom the learner named has come, or is waited for otherwise than before.

Source: case design, sections 3 (`more_evidence`), 8 and 9.
"""

from services.records import awaited_reports
from services.records.moves import requests
from services.records.moves.content import Content, Outcome, Setting
from services.rules.case import Missing


async def _look(setting: Setting) -> Outcome:
    """Somebody else is waited for than before; a learner whose witness was lost has the whole time again."""
    session, case, now = setting.session, setting.case, setting.now
    if await awaited_reports.missing(session, case) is Missing.REPORTS:
        await awaited_reports.leave_time(session, case=case, policy=setting.programme.policy, now=now)
    else:
        await requests.whole_time(setting)
    return Outcome()


CONTENT = {
    "reports_in": Content(carry=requests.settle),
    "look_at_reports": Content(carry=_look),
}
