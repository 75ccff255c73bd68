"""The log is read within an auditor's reach, newest first, by the same question on both engines."""

from services.records import audit, audit_reading, people
from services.records.audit_reading import Place, Wanted
from services.records.database import Database
from services.rules.case import Stage
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW


async def test_both_databases_find_the_same_lines(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        auditor = await makers.staff(session, Role.AUDITOR)
        caller = await people.caller(session, auditor.id)
        for _ in range(3):
            await audit.log(session, stream=f"case:{case_id}", actor=str(who.learner.id), action="opened", now=NOW)
        found = await audit_reading.lines(session, caller, Wanted(case=case_id))
        assert found
        assert found == sorted(found, key=lambda one: (one.at, one.stream, one.seq), reverse=True)
        rest = await audit_reading.lines(
            session, caller, Wanted(case=case_id), after=Place(found[0].at, found[0].stream, found[0].seq)
        )
        assert rest == found[1:]
        own = await audit_reading.lines(session, caller, Wanted(person=who.learner.id))
        assert {one.stream for one in own} <= {f"case:{case_id}", f"person:{who.learner.id}"}
