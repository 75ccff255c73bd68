"""Puts the people of the demo into the records: one drawn password for all of them, told once."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import select

from services.demo import story
from services.embedded import CannotStart
from services.records import passwords, people, programmes
from services.records.database import Database
from services.records.tables.people import AssessorProfile, Person
from services.rules.people import Role
from services.rules.programmes import Language, Text

CAPACITY = 10
"""Open cases that somebody who judges is offered at most."""


async def people_of_the_story(opened: Database) -> str:
    """Open the accounts and answer their password. Raises `CannotStart` where other people live already."""
    password = secrets.token_urlsafe(12)
    hashing = passwords.argon2id()
    try:
        hashed = await hashing.hash(password)
    finally:
        hashing.close()
    now = datetime.now(UTC)
    async with opened.writing() as session:
        if (await session.exec(select(sa.func.count()).select_from(Person))).one():
            raise CannotStart(
                Text(
                    "This database has people already; the demo wants an empty one (see ACQUIS_DATABASE).",
                    "Il y a déjà des personnes dans cette base de données\u00a0; la démonstration en veut une vide "
                    "(voyez ACQUIS_DATABASE).",
                )
            )
        offered = {one.slug: one.institution for one in await programmes.published(session)}
        institution = offered[story.PROGRAMME]
        for sample in story.PEOPLE:
            person = await people.add(
                session,
                name=sample.name,
                email=sample.email,
                language=sample.language,
                password_hash=hashed,
                organisation=None,
                now=now,
            )
            if sample.role is not Role.LEARNER:
                await people.grant_role(session, person.id, role=sample.role, institution=institution, now=now)
            if sample.bilingual:
                session.add(AssessorProfile(person_id=person.id, languages=[*Language], capacity=CAPACITY))
    return password
