"""The doctor's look into the database: schema and settings, what is published, and what must always hold."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.doctor import LIST_ALARM, Found, State
from services.records import audit, commands, credentials, database, invariants, issuer_keys, migrating, programmes
from services.records.tables.cases import Case
from services.rules.case import Stage
from services.rules.programmes import Text
from services.settings import Settings
from services.workflows import means

Ask = Callable[[AsyncSession, Settings, datetime], Awaitable[Found]]
PENDING_ALARM = timedelta(seconds=60)
"""How long a kept command may wait. Source: workflow design, section 3."""

SHOWN = 5
"""So many ids of what breaks a sentence are printed."""


async def reached(settings: Settings) -> tuple[bool, Found]:
    """Whether the database can be looked into, and what is to be said of it."""
    embedded = not settings.database
    if embedded and not (settings.data_folder / "acquis.db").exists():
        return False, (
            State.NOTE,
            Text("is made at the first start", "sera créée au premier démarrage"),
        )
    opened = means.open_database(settings)
    try:
        unsafe = await database.unsafe_settings(opened)
        present = migrating.revision(settings.database_url)
    except (SQLAlchemyError, OSError) as lost:
        said = str(getattr(lost, "orig", lost)).strip()
        return False, (
            State.FAULT,
            Text(
                f"cannot be reached ({said}). See ACQUIS_DATABASE.",
                f"ne peut pas être jointe ({said}). Voyez ACQUIS_DATABASE.",
            ),
        )
    finally:
        await opened.close()
    if present != migrating.head():
        return False, (
            State.FAULT,
            Text(
                f"is at revision {present}, this release needs {migrating.head()}. Run `acquis migrate`.",
                f"est à la révision {present}, cette version exige {migrating.head()}. Exécutez `acquis migrate`.",
            ),
        )
    if unsafe:
        named = ", ".join(f"{name} = {value}" for name, value in sorted(unsafe.items()))
        return True, (
            State.FAULT,
            Text(
                f"What was acknowledged could be lost: {named}. Set them to their safe values.",
                f"Ce qui a été confirmé pourrait être perdu\u00a0: {named}. Rétablissez les valeurs sûres.",
            ),
        )
    return True, (State.FINE, Text(f"at revision {present}, safe", f"à la révision {present}, sûre"))


async def examine(settings: Settings, checks: Sequence[tuple[Text, Ask]]) -> list[tuple[Text, Found]]:
    """Ask `checks` of the database, each in a session of its own."""
    opened = means.open_database(settings)
    now = datetime.now(UTC)
    findings = []
    try:
        for name, ask in checks:
            async with opened.reading() as session:
                findings.append((name, await ask(session, settings, now)))
    finally:
        await opened.close()
    return findings


async def _programmes(session: AsyncSession, _: Settings, __: datetime) -> Found:
    found = await programmes.published(session)
    if not found:
        return State.NOTE, Text(
            "none is open to new cases; `acquis programmes publish` opens them",
            "aucun n’est ouvert aux nouveaux dossiers\u00a0; `acquis programmes publish` les ouvre",
        )
    return State.FINE, Text(f"{len(found)} open to new cases", f"{len(found)} ouverts aux nouveaux dossiers")


async def _published_key(session: AsyncSession, settings: Settings, _: datetime) -> Found:
    try:
        key = await issuer_keys.active(session, issuer=settings.issuer)
    except issuer_keys.NoKeyError:
        return State.NOTE, Text(
            "none yet; the effects worker publishes its key when it starts",
            "aucune encore\u00a0; le processus des effets publie sa clé à son démarrage",
        )
    if settings.key_file.exists():
        from services.documents.issuer_keys import KeyRefused

        try:
            own = means.open_signer(settings).kid
        except KeyRefused:
            own = key.id  # the check of the key file speaks about it
        if own != key.id:
            return State.FAULT, Text(
                "The key file is not the key that is published as signing. Start the effects worker again.",
                "Le fichier de clé n’est pas la clé publiée pour signer. Redémarrez le processus des effets.",
            )
    return State.FINE, Text(f"signing since {key.since:%Y-%m-%d}", f"en usage depuis le {key.since:%Y-%m-%d}")


async def _lists(session: AsyncSession, settings: Settings, now: datetime) -> Found:
    rows = [row for row in await credentials.lists(session) if row.issuer == settings.issuer and row.document]
    late = [row.id for row in rows if row.valid_until is None or row.valid_until - now < LIST_ALARM]
    if late:
        return State.FAULT, Text(
            f"The status list {late[0]} is about to expire; all its credentials would fail. Start the effects worker.",
            f"La liste d’état {late[0]} va expirer\u00a0; toutes ses attestations échoueraient. Démarrez le processus "
            "des effets.",
        )
    return State.FINE, Text(f"{len(rows)} signed", f"{len(rows)} signées")


async def _attention(session: AsyncSession, _: Settings, __: datetime) -> Found:
    counted = await session.exec(
        select(sa.func.count())
        .select_from(Case)
        .where(col(Case.needs_attention).is_not(None), col(Case.stage) != Stage.CLOSED)
    )
    waiting = counted.one()
    if waiting:
        return State.NOTE, Text(
            f"{waiting} need a person: see their timeline, mend the cause, send retry-effect",
            f"{waiting} demandent une personne\u00a0: voyez leur historique, corrigez la cause, envoyez retry-effect",
        )
    return State.FINE, Text("none needs a person", "aucun n’attend une intervention")


async def _waiting(session: AsyncSession, _: Settings, now: datetime) -> Found:
    oldest = await commands.oldest_pending(session)
    if oldest is not None and now - oldest > PENDING_ALARM:
        minutes = int((now - oldest).total_seconds() // 60)
        return State.FAULT, Text(
            f"One has waited to be applied for {minutes} min. It is kept; see that Temporal and the case worker run.",
            f"L’une attend d’être appliquée depuis {minutes} min. Elle est conservée\u00a0; voyez si Temporal et le "
            "processus des dossiers sont en marche.",
        )
    return State.FINE, Text("none waits to be applied", "aucune n’attend d’être appliquée")


async def _invariants(session: AsyncSession, _: Settings, now: datetime) -> Found:
    broken = await invariants.broken(session, now=now)
    if broken:
        said = " ".join(f"[{one.number}] {one.sentence} ({', '.join(one.ids[:SHOWN])})" for one in broken)
        return State.FAULT, Text(
            f"This does not hold: {said} Keep a copy of the database and report it.",
            f"Ceci n’est pas respecté\u00a0: {said} Gardez une copie de la base et signalez-le.",
        )
    return State.FINE, Text("everything that must hold holds", "tout ce qui doit tenir tient")


async def _log(session: AsyncSession, _: Settings, __: datetime) -> Found:
    broken = await audit.broken(session)
    if broken:
        named = ", ".join(broken[:SHOWN])
        return State.FAULT, Text(
            f"The log was changed: {named}. Keep a copy of the database and find out who could write to it.",
            f"Le journal a été modifié\u00a0: {named}. Gardez une copie de la base et cherchez qui pouvait y écrire.",
        )
    return State.FINE, Text("the chain of the log is whole", "la chaîne du journal est entière")


CHECKS: tuple[tuple[Text, Ask], ...] = (
    (Text("programmes", "programmes"), _programmes),
    (Text("published key", "clé publiée"), _published_key),
    (Text("status lists", "listes d’état"), _lists),
    (Text("cases", "dossiers"), _attention),
    (Text("commands", "commandes"), _waiting),
)
THOROUGH: tuple[tuple[Text, Ask], ...] = (
    (Text("invariants", "invariants"), _invariants),
    (Text("log", "journal"), _log),
)
"""Checks that read the whole database."""
