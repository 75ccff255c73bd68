"""Commands that write into the records: people and their roles, programmes, frameworks of others."""

import argparse
import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from services import cli_files, foundations, settings
from services.cli_answers import FINE, NO, USAGE, NotDone, complain, language, say
from services.documents import case_exports, case_packages
from services.locales import sentence, what_next
from services.records import calendars, institutions, migrating, passwords, people, programmes
from services.records.database import Database
from services.records.tables.people import Person
from services.rules import programme_files
from services.rules.people import Role
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.settings import Settings
from services.workflows import means

NOT_SAID = "not said"


@asynccontextmanager
async def records_of(house: Settings) -> AsyncIterator[Database]:
    """The database at this release's schema; on one machine an empty one is made. Raises `NotDone`."""
    try:
        if not house.database:
            house.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        present = migrating.revision(house.database_url)
        if present is None and not house.production:
            migrating.upgrade(house.database_url)
        elif present != migrating.head():
            raise NotDone(Text("Run `acquis migrate` first.", "Exécutez d’abord `acquis migrate`."), code=USAGE)
    except OperationalError as lost:
        said = str(lost.orig).strip()
        why = Text(f"The database cannot be reached: {said}", f"La base de données est injoignable\u00a0: {said}")
        raise NotDone(why) from lost
    opened = means.open_database(house)
    try:
        yield opened
    finally:
        await opened.close()


def add_person(arguments: argparse.Namespace) -> int:
    """Open an account, with a role where one is named, and say the password that was drawn."""
    house = settings.read()
    given = _password(arguments.password_file)
    drawn = secrets.token_urlsafe(12) if given is None else None

    async def add() -> None:
        hashed = await _hashed(given or str(drawn))
        async with records_of(house) as opened, opened.writing() as session:
            try:
                person = await people.add(
                    session,
                    name=arguments.name,
                    email=arguments.email,
                    language=arguments.reads,
                    password_hash=hashed,
                    organisation=arguments.organisation,
                    now=datetime.now(UTC),
                )
            except people.AddressTakenError as taken:
                raise NotDone(
                    Text(
                        f"{arguments.email} has an account already; `acquis people grant` gives it a further role.",
                        f"{arguments.email} a déjà un compte\u00a0; `acquis people grant` lui donne un autre rôle.",
                    )
                ) from taken
            await _grant(session, person, arguments)

    asyncio.run(add())
    _tell(
        arguments,
        "can sign in" + (f" with the password {drawn}" if drawn else ""),
        "peut ouvrir une session" + (f" avec le mot de passe {drawn}" if drawn else ""),
    )
    return FINE


def grant_role(arguments: argparse.Namespace) -> int:
    """Give a further role to an account."""
    house = settings.read()

    async def grant() -> None:
        async with records_of(house) as opened, opened.writing() as session:
            await _grant(session, await _known(session, arguments), arguments)

    asyncio.run(grant())
    _tell(arguments, f"is {arguments.role} now", f"a maintenant le rôle {arguments.role}")
    return FINE


def end_role(arguments: argparse.Namespace) -> int:
    """Take one role away, or close the account; either holds from the person's next request."""
    house = settings.read()

    async def end() -> Text:
        async with records_of(house) as opened, opened.writing() as session:
            person = await _known(session, arguments)
            now = datetime.now(UTC)
            if arguments.role is None:
                await people.deactivate(session, person.id, now=now)
                return Text("cannot sign in any more", "ne peut plus ouvrir de session")
            role, institution = Role(arguments.role), await _institution(session, arguments)
            ended = await people.end_role(
                session, person.id, role=role, institution=institution, programme=arguments.programme, now=now
            )
            if not ended:
                where = f"{institution}/{arguments.programme or '*'}"
                raise NotDone(
                    Text(
                        f"{person.email} is not {role} at {where}.",
                        f"{person.email} n’a pas le rôle {role} à {where}.",
                    )
                )
            return Text(f"is not {role} any more", f"n’a plus le rôle {role}")

    said = asyncio.run(end())
    _tell(arguments, said.en, said.fr)
    return FINE


def _tell(arguments: argparse.Namespace, en: str, fr: str) -> None:
    """Say of somebody, by their address, what holds now."""
    say(f"{people.address(arguments.email)} {Text(en, fr).in_(language(arguments))}.")


def set_password(arguments: argparse.Namespace) -> int:
    """Give an account a new password, and say it where it was drawn; every session of the account ends."""
    house = settings.read()
    given = _password(arguments.password_file)
    drawn = secrets.token_urlsafe(12) if given is None else None

    async def change() -> None:
        hashed = await _hashed(given or str(drawn))
        async with records_of(house) as opened, opened.writing() as session:
            person = await _known(session, arguments)
            await people.set_password(session, person.id, password_hash=hashed, now=datetime.now(UTC))

    asyncio.run(change())
    _tell(
        arguments,
        "has a new password" + (f": {drawn}" if drawn else ""),
        "a un nouveau mot de passe" + (f"\u00a0: {drawn}" if drawn else ""),
    )
    return FINE


async def _known(session: AsyncSession, arguments: argparse.Namespace) -> Person:
    person = await people.by_email(session, arguments.email)
    if person is None:
        raise NotDone(
            Text(
                f"Nobody has the address {arguments.email}; see `acquis people add`.",
                f"Personne n’a l’adresse {arguments.email}\u00a0; voyez `acquis people add`.",
            )
        )
    return person


async def _hashed(password: str) -> str:
    """The hash to store. Raises `NotDone` for a password that is too weak."""
    hashing = passwords.argon2id()
    try:
        return await hashing.hash(password)
    except Refused as weak:
        raise NotDone(words_of(weak)) from weak
    finally:
        hashing.close()


async def _grant(session: AsyncSession, person: Person, arguments: argparse.Namespace) -> None:
    """Give the role that the arguments name; everybody is a learner by opening a case. Raises `NotDone`."""
    role = Role(arguments.role)
    if role is Role.LEARNER:
        return
    institution = await _institution(session, arguments)
    offered = [one.slug for one in await programmes.published(session)]
    if arguments.programme is not None and arguments.programme not in offered:
        there = ", ".join(offered)
        raise NotDone(
            Text(
                f"There is no programme {arguments.programme}: {there}.",
                f"Il n’y a pas de programme {arguments.programme}\u00a0: {there}.",
            ),
            code=USAGE,
        )
    await people.grant_role(
        session,
        person.id,
        role=role,
        institution=institution,
        programme=arguments.programme,
        now=datetime.now(UTC),
    )


async def _institution(session: AsyncSession, arguments: argparse.Namespace) -> str:
    """The institution that the arguments name, or the only one. Raises `NotDone`."""
    known = [one.slug for one in await institutions.known(session)]
    if not known:
        raise NotDone(
            Text(
                "There is no institution yet: publish its programmes first (`acquis programmes publish`).",
                "Il n’y a pas encore d’établissement\u00a0: publiez ses programmes (`acquis programmes publish`).",
            )
        )
    institution = arguments.institution or (known[0] if len(known) == 1 else None)
    if institution not in known:
        there = ", ".join(known)
        raise NotDone(
            Text(
                f"Name the institution with --institution: {there}.",
                f"Nommez l’établissement avec --institution\u00a0: {there}.",
            ),
            code=USAGE,
        )
    return str(institution)


def _password(source: str | None) -> str | None:
    if source is None:
        return None
    text = sys.stdin.readline() if source == "-" else cli_files.read(source).decode("utf-8", "replace")
    return text.partition("\n")[0].rstrip("\r")


def publish_programmes(arguments: argparse.Namespace) -> int:
    """Open every programme of a folder to new cases, or none of them."""
    house = settings.read()
    folder = Path(arguments.path) if arguments.path else foundations.programme_folder(house)

    async def publish() -> list[str]:
        async with records_of(house) as opened:
            return await foundations.publish(opened, folder)

    try:
        published = asyncio.run(publish())
    except programme_files.ProgrammeInvalid as invalid:
        complain(problem.in_(language(arguments)) for problem in invalid.problems)
        return NO
    except programmes.VersionTakenError as taken:
        raise NotDone(
            Text(
                f"{taken} is published with other contents, and stays as it is: give the file the next version.",
                f"{taken} est déjà publié avec un autre contenu, qui demeure\u00a0: donnez au fichier la version "
                "suivante.",
            )
        ) from taken
    say(*published)
    return FINE


def publish_calendar(arguments: argparse.Namespace) -> int:
    """Keep a changed calendar of an institution; every open case that it concerns takes it up by itself."""
    house, path = settings.read(), Path(arguments.file)
    try:
        calendar = programme_files.read_calendar(path)
    except programme_files.ProgrammeInvalid as invalid:
        complain(problem.in_(language(arguments)) for problem in invalid.problems)
        return NO

    async def publish() -> int:
        async with records_of(house) as opened, opened.writing() as session:
            institution = await _institution(session, arguments)
            _, concerned = await calendars.publish(
                session, calendar, institution=institution, actor=people.SYSTEM, now=datetime.now(UTC)
            )
            return concerned

    concerned = asyncio.run(publish())
    words = Text(f"{concerned} cases take it up", f"{concerned} dossiers le prendront en compte")
    say(f"{calendar.name}: {words.in_(language(arguments))}")
    return FINE


def retire_programme(arguments: argparse.Namespace) -> int:
    """Close one version of a programme to new cases; those that began on it go on."""
    house = settings.read()

    async def retire() -> None:
        async with records_of(house) as opened, opened.writing() as session:
            try:
                await programmes.retire(
                    session,
                    arguments.slug,
                    version=arguments.version,
                    actor=people.SYSTEM,
                    now=datetime.now(UTC),
                    until=arguments.until,
                )
            except Refused as unknown:
                raise NotDone(words_of(unknown)) from unknown

    asyncio.run(retire())
    retired = Text("takes no new cases any more", "n’accepte plus de nouveaux dossiers")
    say(f"{arguments.slug} {arguments.version} {retired.in_(language(arguments))}.")
    if arguments.until:
        until = Text(
            f"Cases that began on it send their portfolio until {arguments.until}, or take the newer version.",
            f"Les dossiers commencés avec elle envoient leur portfolio d’ici le {arguments.until}, ou prennent la "
            "version plus récente.",
        )
        say(until.in_(language(arguments)))
    return FINE


def import_case(arguments: argparse.Namespace) -> int:
    """Keep a CASE package as it is."""
    house = settings.read()
    try:
        package = case_packages.read(cli_files.read(arguments.file))
    except case_packages.PackageInvalid as invalid:
        complain(problem.in_(language(arguments)) for problem in invalid.problems)
        return NO
    document = package.document

    async def keep() -> None:
        async with records_of(house) as opened, opened.writing() as session:
            await programmes.keep_framework(
                session,
                identifier=document.identifier,
                title=document.title,
                source=document.source or document.uri,
                licence=_licence(document.extra),
                package=case_packages.as_json(package),
                actor=people.SYSTEM,
                now=datetime.now(UTC),
                replace=arguments.replace,
            )

    try:
        asyncio.run(keep())
    except programmes.FrameworkTakenError as taken:
        raise NotDone(
            Text(
                f"“{document.title}” has the identifier of “{taken.title}”, which is kept as it is. "
                "To put the new one in its place, say --replace.",
                f"«\u00a0{document.title}\u00a0» porte l’identifiant de «\u00a0{taken.title}\u00a0», qui est conservé "
                "tel quel. Pour le remplacer, ajoutez --replace.",
            )
        ) from taken
    say(f"{document.identifier} {document.title}: {len(package.items or ())} CFItems")
    return FINE


def _licence(extra: dict[str, Any]) -> str:
    named = extra.get("licenseURI")
    return str(named.get("title") or named.get("uri") or NOT_SAID) if isinstance(named, dict) else NOT_SAID


def export_case(arguments: argparse.Namespace) -> int:
    """Write an imported framework as it came, or a programme of ours as a CASE package."""
    house = settings.read()

    async def package() -> case_packages.Package:
        async with records_of(house) as opened, opened.reading() as session:
            kept = await programmes.framework(session, arguments.name)
            if kept is not None:
                return case_packages.read(json.dumps(kept.package).encode())
            try:
                version = await programmes.newest(session, arguments.name)
                programme = await programmes.read(session, version.id)
            except Refused as unknown:
                raise NotDone(words_of(unknown)) from unknown
            return case_exports.from_programme(programme, base_url=house.base_url, at=version.published_at)

    cli_files.write(case_packages.write(asyncio.run(package())), arguments.out)
    return FINE


def words_of(refused: Refused) -> Text:
    """Why, and what can be done about it."""
    said = (
        f"{sentence(refused.code, language, **refused.facts)} {what_next(refused.code, language, **refused.facts)}"
        for language in ("en", "fr")
    )
    return Text(*(each.strip() for each in said))
