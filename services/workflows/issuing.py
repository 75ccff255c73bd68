"""From a decision to signed credentials: the intent is written first, the signature follows, both only once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.documents import badge_profile, badges, credential_codes, proofs, status_list
from services.documents.achievements import Issuer
from services.documents.badges import Grant, MethodUsed, StatusEntry
from services.documents.issuer_keys import Signer
from services.records import audit, credentials, issuer_keys, judgements, pointers, programmes
from services.records.cases import get as case_of
from services.records.credentials import Granted
from services.records.database import Database
from services.records.tables.cases import Case
from services.records.tables.credentials import CredentialIntent, StatusList
from services.records.tables.decisions import Decision
from services.records.tables.people import Person
from services.rules.claims import Judgement as Found
from services.rules.programmes import Language, Method, Programme
from services.rules.refusals import Refused
from services.workflows.clock import Clock, present

LIST_LIFE = timedelta(days=30)


class OtherKeyError(Exception):
    """An intent names a key that is not ours: until that key is back, a signature could never be verified."""


def list_url(base_url: str, list_id: int) -> str:
    """Where a status list is published."""
    return f"{base_url}/status/revocation/{list_id}"


@dataclass(frozen=True, slots=True)
class Issuing:
    """The activities that write, sign and withdraw credentials; every one answers a second call as the first.

    `signer` is None in a process that has no key: there only `reserve` runs, which names the key that will sign.
    """

    database: Database
    issuer: Issuer
    signer: Signer | None = None
    clock: Clock = present

    def _signer(self) -> Signer:
        if self.signer is None:
            raise RuntimeError("no_signer")
        return self.signer

    async def register(self) -> None:
        """Make the public half of the signing key known, so that it is published and new intents name it."""
        signer, now = self._signer(), self.clock()
        async with self.database.writing() as session:
            await issuer_keys.register(
                session, kid=signer.kid, issuer=self.issuer.did, public_key=signer.public_key, now=now
            )

    @activity.defn(name="reserve_issuance")
    async def reserve(self, effect_key: str) -> None:
        """Draw numbers and write the exact unsigned documents of everything that the decision granted."""
        now = self.clock()
        with failing_for_good():
            async with self.database.writing() as session:
                decision = await credentials.decision_of(session, effect_key)
                if await credentials.intents_of(session, decision.id):
                    return
                case = await case_of(session, decision.case_id)
                programme = await programmes.of_case(session, case)
                for granted in await credentials.granted_by(session, decision):
                    place = await credentials.free_place(session, issuer=self.issuer.did)
                    session.add(
                        await self._intent(
                            session,
                            effect_key=effect_key,
                            decision=decision,
                            case=case,
                            programme=programme,
                            granted=granted,
                            place=place,
                            now=now,
                        )
                    )
                    await session.flush()

    async def _intent(
        self,
        session: AsyncSession,
        *,
        effect_key: str,
        decision: Decision,
        case: Case,
        programme: Programme,
        granted: Granted,
        place: tuple[StatusList, int],
        now: datetime,
    ) -> CredentialIntent:
        status, index = place
        credential_id, code = uuid4(), credential_codes.draw()
        entry = StatusEntry(list_url(self.issuer.base_url, status.id), index)
        grant = await _grant(
            session,
            credential_id=credential_id,
            code=code,
            status=entry,
            case=case,
            decision=decision,
            granted=granted,
        )
        competency = programme.competency(granted.claim.competency)
        document = badges.credential(grant, programme, competency, issuer=self.issuer)
        key = await issuer_keys.active(session, issuer=self.issuer.did)
        options = proofs.options_for(document, created=now, verification_method=key.id)
        hash_data = await proofs.hash_data_async(document, options)
        return CredentialIntent(
            id=credential_id,
            effect_key=effect_key,
            case_id=case.id,
            claim_id=granted.claim.id,
            decision_id=decision.id,
            outcome=granted.outcome,
            code=code,
            status_list_id=status.id,
            status_index=index,
            key_id=key.id,
            document=document,
            options=options,
            hash_data=hash_data.hex(),
            reserved_at=now,
        )

    @activity.defn(name="sign_credentials")
    async def sign(self, effect_key: str) -> int:
        """Sign every intent of the decision, and nothing else; answers how many credentials there are."""
        with failing_for_good():
            async with self.database.reading() as session:
                decision = await credentials.decision_of(session, effect_key)
                intents = await credentials.intents_of(session, decision.id)
            for intent in intents:
                if intent.key_id != self._signer().kid:
                    raise OtherKeyError(intent.key_id)
                now = self.clock()
                badge_profile.check(intent.document, now=now)
                signed = await proofs.sign(intent.document, intent.options, self._signer())
                document = proofs.as_bytes(signed).decode()
                async with self.database.writing() as session:
                    await credentials.keep_signed(session, intent, document=document, now=now)
            if intents:
                await self._list_ready(intents[0].status_list_id)
        return len(intents)

    async def _list_ready(self, list_id: int) -> None:
        """A credential names its status list: the list is published before the first credential is."""
        async with self.database.reading() as session:
            present = await credentials.list_document(session, list_id)
        if present is None:
            await self.renew_list(list_id)

    async def renew_list(self, list_id: int) -> None:
        """Sign the list as the rows say it is now."""
        now = self.clock().replace(microsecond=0)
        async with self.database.writing() as session:
            row = await session.get_one(StatusList, list_id, with_for_update=True)
            withdrawn = await credentials.withdrawn_places(session, list_id)
            url = list_url(self.issuer.base_url, list_id)
            row.document = await status_list.signed(
                url, issuer=self.issuer.did, withdrawn=withdrawn, now=now, signer=self._signer()
            )
            row.signed_at, row.valid_until = now, now + LIST_LIFE
            await audit.log(
                session,
                stream="system",
                actor="clock",
                action="status_list_signed",
                subject=str(list_id),
                details={"withdrawn": len(withdrawn)},
                now=now,
            )

    @activity.defn(name="rebuild_status_list")
    async def rebuild(self, effect_key: str) -> None:
        """Publish a withdrawal: the row was changed by the command, the list follows it."""
        with failing_for_good():
            async with self.database.reading() as session:
                decision = await credentials.decision_of(session, effect_key)
                places = await credentials.lists_of_decision(session, decision.id)
        for list_id in places:
            await self.renew_list(list_id)

    @activity.defn(name="sweep_status_lists")
    async def renew_all(self) -> int:
        """Sign every list anew; an expired list would make all credentials fail."""
        async with self.database.reading() as session:
            present = [row.id for row in await credentials.lists(session)]
        for list_id in present:
            await self.renew_list(list_id)
            activity.heartbeat()
        return len(present)


class failing_for_good:  # noqa: N801 - read as a sentence: with failing_for_good()
    """Turns an answer that trying again cannot change into a failure that is not retried."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, badge_profile.ProfileInvalid):
            raise ApplicationError("profile_invalid", type="profile_invalid", non_retryable=True) from error
        if isinstance(error, Refused):
            raise ApplicationError(error.code, type=error.code, non_retryable=True) from error


async def _grant(
    session: AsyncSession,
    *,
    credential_id: UUID,
    code: str,
    status: StatusEntry,
    case: Case,
    decision: Decision,
    granted: Granted,
) -> Grant:
    """What the credential says of how the claim was judged: methods, counts, dates; never reasons or evidence."""
    named = await credentials.has_consent(session, case_id=case.id, purpose=credentials.NAME_CONSENT)
    learner = await session.get_one(Person, case.learner_id)
    if granted.transfer is not None:
        return Grant(
            credential_id=credential_id,
            subject=f"urn:uuid:{uuid4()}",
            code=code,
            status=status,
            language=Language(case.language),
            decided_at=decision.decided_at,
            activity_start=granted.transfer.awarded_on,
            activity_end=granted.transfer.awarded_on,
            level=0,
            assessors=0,
            methods=(),
            learning_setting=badges.LearningSetting.FORMAL,
            supervision=badges.Supervision.NONE,
            identity_check=badges.IdentityCheck.NONE,
            holder_name=learner.name if named else None,
            transfer=True,
        )
    found = [judgements.read(row) for row in granted.judgements]
    last = granted.judgements[-1].locked_at or decision.decided_at
    sent = await credentials.first_frozen(session, case.id) or last
    items = len(await pointers.for_claim(session, granted.claim.id))
    return Grant(
        credential_id=credential_id,
        subject=f"urn:uuid:{uuid4()}",
        code=code,
        status=status,
        language=Language(case.language),
        decided_at=decision.decided_at,
        activity_start=sent.date(),
        activity_end=last.date(),
        level=max(judgement.level for judgement in found),
        assessors=len({row.assessor_id for row in granted.judgements}),
        methods=_methods(found, items),
        learning_setting=badges.LearningSetting(found[-1].learning_setting),
        supervision=badges.Supervision(found[-1].supervision),
        identity_check=badges.IdentityCheck(found[-1].identification),
        holder_name=learner.name if named else None,
    )


def _methods(found: list[Found], items: int) -> tuple[MethodUsed, ...]:
    used = dict.fromkeys(method for judgement in found for method in judgement.methods)
    return tuple(MethodUsed(method, items=items if method is Method.PORTFOLIO else 0) for method in used)
