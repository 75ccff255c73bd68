"""Whoever checks a credential gets one of six answers, and never "valid" for what could not be checked."""

import asyncio
import copy
import hashlib
import io
import json
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf  # noqa: TID253 - this test makes letters
import pytest

from services.documents import (
    contexts,
    issuer_keys,
    multibase,
    outside_hashes,
    presented,
    proofs,
    published,
    status_list,
    verification,
    verification_words,
)
from services.documents.issuer_keys import KeyState
from services.documents.outside_hashes import ChildLost, Hashed, OutsideHashes
from services.documents.presented import Unreadable
from services.documents.published import Published, Unreachable
from services.documents.verdicts import Check, Document, Issuance, Report, Standing, Status, as_json
from tests.documents import credential_makers as make

CODE = "urn:uuid:3f0a52c9-6d0e-4f6f-9a39-54d0a1c7b2e8"


class Log(Published):
    """The lookup of the issuer itself: a log beside what it publishes."""

    keeps_log = True

    def __init__(self, folder: Path, *rows: Issuance) -> None:
        super().__init__(published.folder_fetcher(folder))
        self.rows = {row.document["id"]: row for row in rows}

    async def issuance(self, credential_id: str) -> Issuance | None:
        return self.rows.get(credential_id)


@pytest.fixture
async def www(tmp_path: Path) -> Path:
    """A folder with what the issuer publishes: one active key, an empty list."""
    return make.mirror(tmp_path / "www", did=make.did_document(), status=await make.listing())


async def offline(content: bytes | Document, www: Path, *, now: datetime = make.NOW, ours: str | None = None) -> Report:
    """Check without a log, as `acquis verify FILE --offline` does; the hashes are this process's, to be quick."""
    content = content if isinstance(content, bytes) else proofs.as_bytes(content)
    lookup = Published(published.folder_fetcher(www))
    return await verification.verify_file(content, lookup=lookup, hashes=verification.own_hashes, now=now, ours=ours)


async def logged(
    content: bytes | Document, www: Path, *rows: Issuance, now: datetime = make.NOW, ours: str = make.DID
) -> Report:
    """Check with the issuance log, as the verify page does."""
    content = content if isinstance(content, bytes) else proofs.as_bytes(content)
    lookup = Log(www, *rows)
    return await verification.verify_file(content, lookup=lookup, hashes=verification.own_hashes, now=now, ours=ours)


def row_of(document: Document, **changes: Any) -> Issuance:  # noqa: ANN401 - fields of one dataclass
    """Return the row of the log for a signed credential."""
    public_key = make.signer().public_key
    made = Issuance(document, hash_data=proofs.verify(document, public_key), public_key=public_key)
    return replace(made, **changes)


def told(report: Report) -> tuple[Status, Check | None, str]:
    [verdict] = report.verdicts
    assert report.status is verdict.status
    return verdict.status, verdict.failed, verdict.detail


# The six answers, without a log.


async def test_a_genuine_credential_is_valid_from_a_folder_alone(www: Path) -> None:
    report = await offline(await make.signed(), www)
    assert told(report) == (Status.VALID, None, "")
    [verdict] = report.verdicts
    assert (verdict.credential_id, verdict.issuer, report.letter) == (CODE, make.DID, None)
    assert all(passed for _, passed in verdict.checks)
    assert verdict.valid_until == datetime(2031, 11, 20, 14, tzinfo=UTC)


async def test_the_fixed_credential_is_valid_from_a_folder_alone(www: Path) -> None:
    assert (await offline(make.vector("credential"), www)).status is Status.VALID


async def test_a_changed_word_is_seen(www: Path) -> None:
    changed = proofs.as_bytes(await make.signed()).replace(b"Keep food safe", b"Keep food cold")
    report = await offline(changed, www)
    assert told(report) == (Status.CHANGED, Check.UNCHANGED, "signature_wrong")
    assert dict(report.verdicts[0].checks)[Check.ISSUED] is True
    assert dict(report.verdicts[0].checks)[Check.UNCHANGED] is False
    assert dict(report.verdicts[0].checks)[Check.NOT_EXPIRED] is None


async def test_an_added_term_that_no_signature_covers_is_seen(www: Path) -> None:
    added = {**await make.signed(), "grade": "A+"}
    assert told(await offline(added, www)) == (Status.CHANGED, Check.UNCHANGED, "undefined_term")


async def test_a_withdrawn_credential_is_withdrawn(tmp_path: Path) -> None:
    www = make.mirror(tmp_path, did=make.did_document(), status=await make.listing([make.INDEX]))
    assert told(await offline(await make.signed(), www)) == (Status.WITHDRAWN, Check.NOT_WITHDRAWN, "listed")


async def test_past_its_date_it_is_expired(tmp_path: Path) -> None:
    late = datetime(2031, 11, 20, 14, tzinfo=UTC)
    www = make.mirror(tmp_path, did=make.did_document(), status=await make.listing(now=late))
    assert told(await offline(await make.signed(), www, now=late)) == (Status.EXPIRED, Check.NOT_EXPIRED, "expired")
    www = make.mirror(tmp_path, did=make.did_document(), status=await make.listing(now=late - timedelta(seconds=1)))
    assert (await offline(await make.signed(), www, now=late - timedelta(seconds=1))).status is Status.VALID


async def test_before_its_date_it_could_not_be_checked(www: Path) -> None:
    early = make.unsigned(decided_at=make.NOW + timedelta(seconds=1))
    report = await offline(await make.signed(early), www)
    assert told(report) == (Status.UNCHECKED, Check.STARTED, "in_the_future")
    assert report.verdicts[0].alarms == ("in_the_future",)


async def test_a_forger_with_a_key_of_their_own_is_not_ours(www: Path) -> None:
    forged = await make.signed(by=make.signer(bytes(32)))
    assert told(await offline(forged, www)) == (Status.NOT_OURS, Check.ISSUED, "key_unknown")


async def test_a_forged_fragment_that_borrows_our_key_id_is_seen(www: Path) -> None:
    forged = await make.signed(by=make.signer(bytes(32)))
    forged["proof"][0]["verificationMethod"] = make.signer().kid
    assert (await offline(forged, www)).status is Status.CHANGED


async def test_a_key_that_belongs_to_another_issuer_does_not_sign_for_us(www: Path) -> None:
    stranger = make.signer(bytes(32), did="did:web:elsewhere.example.org")
    forged = await make.signed(by=stranger)
    assert told(await offline(forged, www)) == (Status.NOT_OURS, Check.ISSUED, "key_unknown")


async def test_a_credential_of_another_issuer_is_not_ours(www: Path) -> None:
    other = await make.signed()
    other["issuer"]["id"] = "did:web:elsewhere.example.org"
    assert told(await offline(other, www, ours=make.DID)) == (Status.NOT_OURS, Check.ISSUED, "another_issuer")
    other["issuer"] = "https://elsewhere.example.org"
    assert (await offline(other, www)).status is Status.NOT_OURS


async def test_without_a_proof_it_is_not_ours(www: Path) -> None:
    assert told(await offline(make.unsigned(), www)) == (Status.NOT_OURS, Check.ISSUED, "proof_missing")


# Keys.


async def test_a_retired_key_keeps_what_it_signed_valid_and_a_removed_one_does_not(tmp_path: Path) -> None:
    new, states = make.signer(bytes([9]) * 32), (KeyState.RETIRED, KeyState.COMPROMISED)
    found = []
    for state in states:
        did = make.did_document((make.signer(), state), (new, KeyState.ACTIVE))
        www = make.mirror(tmp_path / state, did=did, status=await make.listing(by=new))
        found.append((await offline(await make.signed(), www)).status)
    assert found == [Status.VALID, Status.NOT_OURS]


# What cannot be checked is never valid.


async def test_without_the_issuers_document_nothing_is_said(tmp_path: Path) -> None:
    tmp_path.joinpath("status").mkdir()
    assert told(await offline(await make.signed(), tmp_path)) == (Status.UNCHECKED, Check.REACHABLE, "not_found")


@pytest.mark.parametrize(
    ("part", "detail"),
    [
        ({"issuer": "did:web:elsewhere.example.org"}, "list_issuer"),
        ({"validUntil": "2026-11-21T00:00:00Z"}, "list_expired"),
        ({"proof": None}, "list_unsigned"),
        ({"validUntil": "2030-11-21T00:00:00Z"}, "list_unsigned"),
        ({"type": ["BitstringStatusListCredential", "Unheard"]}, "list_unsigned"),
    ],
)
async def test_a_list_that_is_not_in_order_leaves_it_unchecked(tmp_path: Path, part: Document, detail: str) -> None:
    www = make.mirror(tmp_path, did=make.did_document(), status={**await make.listing(), **part})
    assert told(await offline(await make.signed(), www)) == (Status.UNCHECKED, Check.NOT_WITHDRAWN, detail)


async def test_a_list_signed_by_an_unknown_key_leaves_it_unchecked(tmp_path: Path) -> None:
    www = make.mirror(tmp_path, did=make.did_document(), status=await make.listing(by=make.signer(bytes(32))))
    assert told(await offline(await make.signed(), www))[1:] == (Check.NOT_WITHDRAWN, "list_unsigned")


async def test_a_list_that_is_missing_leaves_it_unchecked(www: Path) -> None:
    (www / "status/revocation/1").unlink()
    assert told(await offline(await make.signed(), www)) == (Status.UNCHECKED, Check.NOT_WITHDRAWN, "not_found")


async def test_a_status_entry_hidden_under_its_full_name_does_not_make_a_withdrawn_one_valid(tmp_path: Path) -> None:
    www = make.mirror(tmp_path, did=make.did_document(), status=await make.listing([make.INDEX]))
    hidden = await make.signed()
    hidden["https://www.w3.org/2018/credentials#credentialStatus"] = hidden.pop("credentialStatus")
    proofs.verify(hidden, make.signer().public_key)  # the statements are the same, so the signature holds
    assert told(await offline(hidden, www)) == (Status.UNCHECKED, Check.UNCHANGED, "form_unknown")


async def test_a_context_that_is_not_pinned_leaves_it_unchecked(www: Path) -> None:
    other = await make.signed()
    other["@context"] = [contexts.CREDENTIALS, "https://elsewhere.example.org/context"]
    assert told(await offline(other, www)) == (Status.UNCHECKED, Check.UNCHANGED, "context_refused")


async def test_when_the_child_is_lost_nothing_is_said(www: Path) -> None:
    async def lost(_: Sequence[Document]) -> tuple[Hashed, ...]:
        raise ChildLost("time")

    content = proofs.as_bytes(await make.signed())
    lookup = Published(published.folder_fetcher(www))
    report = await verification.verify_file(content, lookup=lookup, hashes=lost, now=make.NOW)
    assert told(report) == (Status.UNCHECKED, Check.REACHABLE, "check_time")
    signed = await make.signed()
    report = await verification.verify_file(
        proofs.as_bytes(dict(signed, name="Other")), lookup=Log(www, row_of(signed)), hashes=lost, now=make.NOW
    )
    assert told(report) == (Status.UNCHECKED, Check.REACHABLE, "check_time")


# With the issuance log.


async def test_what_we_stored_is_valid_however_it_is_written(www: Path) -> None:
    signed = await make.signed()
    pretty = json.dumps(dict(reversed(signed.items())), indent=2, ensure_ascii=False).encode()
    shuffled = {**signed, "evidence": signed["evidence"][::-1]}
    for content in (signed, pretty, shuffled):
        assert told(await logged(content, www, row_of(signed))) == (Status.VALID, None, "")


async def test_what_we_never_issued_is_not_ours_even_under_our_signature(www: Path) -> None:
    signed = await make.signed()
    assert told(await logged(signed, www)) == (Status.NOT_OURS, Check.ISSUED, "uses_our_name")
    assert told(await logged(signed, www, ours="did:web:x"))[2] == "unknown"


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda d: d.update(name="Another"), "content_changed"),
        (lambda d: d.update(grade="A+"), "undefined_term"),
        (lambda d: d.pop("proof"), "proof_missing"),
        (lambda d: d["proof"][0].update(proofValue=multibase.encode(bytes(64))), "proof_changed"),
        (lambda d: d["proof"][0].update(created="2026-11-20T14:00:06Z"), "content_changed"),
        (lambda d: d["credentialSubject"].update(creditsEarned=True), "content_changed"),
    ],
)
async def test_any_change_to_what_we_issued_is_seen(
    www: Path, change: Callable[[Document], object], detail: str
) -> None:
    signed = await make.signed()
    shown = copy.deepcopy(signed)
    change(shown)
    assert told(await logged(shown, www, row_of(signed))) == (Status.CHANGED, Check.UNCHANGED, detail)


@pytest.mark.parametrize(
    ("facts", "detail", "under_review"),
    [
        ({"standing": Standing.WITHDRAWN}, "withdrawn", False),
        ({"standing": Standing.SUSPENDED}, "suspended", True),
        ({"key_compromised": True}, "key_compromised", False),
    ],
)
async def test_the_log_withdraws_with_date_and_successor(
    tmp_path: Path, facts: dict[str, Any], detail: str, *, under_review: bool
) -> None:
    www = make.mirror(tmp_path, did=make.did_document(), status=await make.listing([make.INDEX]))
    signed, when = await make.signed(), make.NOW - timedelta(days=1)
    row = row_of(signed, withdrawn_at=when, replaced_by="000000000001", **facts)
    report = await logged(signed, www, row)
    assert told(report) == (Status.WITHDRAWN, Check.NOT_WITHDRAWN, detail)
    [verdict] = report.verdicts
    assert (verdict.withdrawn_at, verdict.replaced_by, verdict.under_review) == (when, "000000000001", under_review)
    assert verdict.alarms == ()


async def test_a_difference_between_log_and_list_withdraws_and_rings(tmp_path: Path, www: Path) -> None:
    signed = await make.signed()
    only_log = await logged(signed, www, row_of(signed, standing=Standing.WITHDRAWN))
    listed = make.mirror(tmp_path / "listed", did=make.did_document(), status=await make.listing([make.INDEX]))
    only_list = await logged(signed, listed, row_of(signed))
    (listed / "status/revocation/1").unlink()
    no_list = await logged(signed, listed, row_of(signed, standing=Standing.WITHDRAWN))
    for report in (only_log, only_list, no_list):
        assert report.status is Status.WITHDRAWN
        assert report.verdicts[0].alarms == ("log_and_list_differ",)


async def test_an_unreadable_list_leaves_an_active_one_unchecked_and_rings(www: Path) -> None:
    signed = await make.signed()
    (www / "status/revocation/1").unlink()
    report = await logged(signed, www, row_of(signed))
    assert told(report) == (Status.UNCHECKED, Check.NOT_WITHDRAWN, "not_found")
    assert report.verdicts[0].alarms == ("status_list",)


async def test_a_stored_document_that_is_not_what_was_signed_rings(www: Path) -> None:
    signed = await make.signed()
    row = row_of(signed)
    for broken in (
        replace(row, public_key=make.signer(bytes(32)).public_key),
        replace(row, document={**signed, "name": "Other"}),
        replace(row, hash_data=bytes(64)),
    ):
        verdict = await verification.verify_issued(broken, lookup=Log(www), now=make.NOW)
        assert (verdict.status, verdict.failed) == (Status.UNCHECKED, Check.SIGNATURE)
        assert verdict.alarms == ("stored_signature",)


async def test_by_its_code_a_stored_credential_is_answered_for_without_a_file(www: Path) -> None:
    row = row_of(await make.signed())
    assert (await verification.verify_issued(row, lookup=Log(www), now=make.NOW)).status is Status.VALID
    late = datetime(2031, 11, 21, tzinfo=UTC)
    make.mirror(www, did=make.did_document(), status=await make.listing(now=late))
    assert (await verification.verify_issued(row, lookup=Log(www), now=late)).status is Status.EXPIRED


async def test_when_the_log_does_not_answer_nothing_is_said(www: Path) -> None:
    class Down(Log):
        async def issuance(self, credential_id: str) -> Issuance | None:
            raise Unreachable("no_answer", credential_id)

    content = proofs.as_bytes(await make.signed())
    report = await verification.verify_file(
        content, lookup=Down(www), hashes=verification.own_hashes, now=make.NOW, ours=make.DID
    )
    assert told(report) == (Status.UNCHECKED, Check.REACHABLE, "no_answer")


# Letters.


def letter(*attached: bytes, extra: bytes = b"") -> bytes:
    """Return a PDF with files attached, as our letters carry them."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        for number, content in enumerate(attached):
            pdf.attachments[f"{number}.json"] = pikepdf.AttachedFileSpec(pdf, content, filename=f"{number}.json")
        pdf.Root.Extra = pikepdf.String(extra)
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
        return out.getvalue()


async def test_the_credentials_in_a_letter_are_checked_and_the_gravest_answer_stands(www: Path) -> None:
    good = proofs.as_bytes(await make.signed())
    changed = good.replace(b"Keep food safe", b"Keep food cold")
    report = await offline(letter(good, b"\xff\xfe no JSON", changed), www)
    assert [verdict.status for verdict in report.verdicts] == [Status.VALID, Status.CHANGED]
    assert (report.status, report.letter) == (Status.CHANGED, None)


async def test_a_letter_with_many_credentials_asks_for_each_published_thing_once(www: Path) -> None:
    asked: list[str] = []
    folder = published.folder_fetcher(www)

    async def fetch(url: str) -> bytes:
        asked.append(url)
        return await folder(url)

    content = letter(*[proofs.as_bytes(await make.signed())] * 3)
    lookup, hashes = Published(fetch), verification.own_hashes
    report = await verification.verify_file(content, lookup=lookup, hashes=hashes, now=make.NOW)
    assert (report.status, len(report.verdicts), len(asked)) == (Status.VALID, 3, published.REQUESTS)


async def test_with_the_log_the_letter_itself_is_compared(www: Path) -> None:
    signed = await make.signed()
    genuine = letter(proofs.as_bytes(signed))
    row = row_of(signed, letters=frozenset({hashlib.sha256(genuine).hexdigest()}))
    report = await logged(genuine, www, row)
    assert (report.status, report.letter) == (Status.VALID, True)
    report = await logged(letter(proofs.as_bytes(signed), extra=b"changed"), www, row)
    assert (told(report), report.letter) == ((Status.CHANGED, Check.UNCHANGED, "letter_changed"), False)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"hello", "not_json"),
        (b"\xff\xfe{}", "not_json"),
        (b"[]", "no_credential"),
        (b'{"type": ["VerifiableCredential"], "id": "x"}', "no_credential"),
        (b'{"type": "OpenBadgeCredential", "id": "x"}', "no_credential"),
        (b'{"type": ["OpenBadgeCredential"], "id": 7}', "no_credential"),
        (b'{"id": "a", "id": "b"}', "duplicate_keys"),
        (b'{"a": NaN}', "not_a_number"),
        (b'{"a": -Infinity}', "not_a_number"),
        (b'{"a": 1e999}', "not_a_number"),
        (b'{"a": "\\ud800"}', "broken_text"),
        (b'{"\\ud800": 1}', "broken_text"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (b"[" + b"1," * 5_000 + b"1]", "too_many_values"),
        (b'{"proof": [1, 2, 3, 4, 5]}', "too_many_proofs"),
        (b'{"a": "' + b"x" * presented.LARGEST_JSON + b'"}', "too_large"),
        (b"%PDF-1.7 broken", "pdf_unreadable"),
        (b"%PDF-1.7" + bytes(presented.LARGEST_PDF), "too_large"),
        (letter(), "no_credential"),
        (letter(b"{}", b"[1]", b"text"), "no_credential"),
        (letter(*[b"{}"] * 21), "too_many_attachments"),
        (letter(b'{"a": 1, "a": 2}'), "duplicate_keys"),
        (letter(b"{" + b" " * presented.LARGEST_JSON), "too_large"),
    ],
)
def test_a_file_that_is_no_credential_is_an_error_of_form_and_not_a_verdict(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        presented.read(content)
    assert unreadable.value.code == code
    assert verification_words.unreadable(code).fr


def test_what_lies_just_within_the_limits_is_read() -> None:
    assert presented.read_json(b'{"a":' * 31 + b"1" + b"}" * 31)
    assert presented.read_json(b'\xef\xbb\xbf{"proof": [1, 2, 3, 4]}') == {"proof": [1, 2, 3, 4]}


# The child and the fetchers.


def poison(size: int) -> list[Document]:
    """Return nameless nodes that all point to each other: to name them takes every order of them."""
    return [
        {"id": f"_:n{place}", "type": ["Evidence"], "endorsement": [{"id": f"_:n{other}"} for other in range(size)]}
        for place in range(size)
    ]


async def test_the_child_answers_for_each_document_in_order() -> None:
    signed = await make.signed()
    answers = await OutsideHashes()([signed, {**signed, "grade": 1}, {"type": []}, await make.listing()])
    assert answers[0].data == proofs.verify(signed, make.signer().public_key)
    assert [answer.code for answer in answers] == ["", "undefined_term", "proof_missing", ""]
    assert answers[1].detail == "grade"


async def test_a_poison_graph_is_killed_and_the_loop_goes_on_meanwhile(www: Path) -> None:
    signed = await make.signed()
    document = {**signed, "evidence": poison(9)}
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    beside = asyncio.create_task(tick())
    report = await verification.verify_file(
        proofs.as_bytes(document),
        lookup=Published(published.folder_fetcher(www)),
        hashes=OutsideHashes(wall_seconds=1.5),
        now=make.NOW,
    )
    beside.cancel()
    assert told(report) == (Status.UNCHECKED, Check.REACHABLE, "check_time")
    assert ticks > 10


async def test_the_child_sees_no_setting_and_holds_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACQUIS_SECRET", "sample")
    script = (
        "import os, resource, sys, json; from services.documents import check_child; check_child._limit();"
        "json.dump({'env': 'ACQUIS_SECRET' in os.environ, 'memory': resource.getrlimit(resource.RLIMIT_AS)[0],"
        "'cpu': resource.getrlimit(resource.RLIMIT_CPU)[0]}, sys.stdout)"
    )
    monkeypatch.setattr(outside_hashes, "COMMAND", (*outside_hashes.COMMAND[:2], "-c", script))
    answer = json.loads(await outside_hashes._ask(b"", 60))  # noqa: SLF001 - what the child gets is the point
    assert answer == {"env": False, "memory": 512 * 1024 * 1024, "cpu": 5}


async def test_a_child_that_breaks_is_lost_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside_hashes, "COMMAND", (*outside_hashes.COMMAND[:2], "-c", "import sys; sys.exit(3)"))
    with pytest.raises(ChildLost, match="ended"):
        await OutsideHashes()([{}])


async def test_a_folder_answers_by_path_and_never_from_outside_itself(tmp_path: Path) -> None:
    for outside in ("secret.json", "www.json"):
        (tmp_path / outside).write_bytes(b"{}")
    www = tmp_path / "www"
    (www / "status").mkdir(parents=True)
    (www / "status" / "1.json").write_bytes(b'{"a": 1}')
    (www / "large").write_bytes(bytes(published.LARGEST + 1))
    fetch = published.folder_fetcher(www)
    assert await fetch("https://any.example.org/status/1") == b'{"a": 1}'
    for path, code in (
        ("../secret.json", "address_refused"),
        ("%2e%2e/secret.json", "address_refused"),
        ("missing", "not_found"),
        ("", "address_refused"),
        ("large", "too_large"),
    ):
        with pytest.raises(Unreachable) as unreachable:
            await fetch(f"https://any.example.org/{path}")
        assert unreachable.value.code == code


@asynccontextmanager
async def site(answer: bytes, *, silent: bool = False) -> AsyncIterator[str]:
    """Serve one fixed HTTP answer on this machine; a silent one accepts and never answers."""
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if silent:
            await done.wait()
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        done.set()


def http(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def unreachable(url: str, *, fetch: published.Fetcher | None = None) -> str:
    with pytest.raises(Unreachable) as refused:
        await (fetch or published.https_fetcher())(url)
    return refused.value.code


async def test_over_the_network_it_reads_this_machine_and_keeps_its_limits() -> None:
    async with site(http("200 OK", b'{"a": 1}')) as url:
        fetch = published.https_fetcher(requests=2)
        assert await fetch(url) == b'{"a": 1}'
        assert await published.document(url, fetch) == {"a": 1}
        assert await unreachable(url, fetch=fetch) == "too_many_requests"
    async with site(http("302 Found", b"", "Location: https://elsewhere.example.org/")) as url:
        assert await unreachable(url) == "not_found"
    async with site(http("200 OK", bytes(published.LARGEST + 1))) as url:
        assert await unreachable(url) == "too_large"
    async with site(b"no HTTP at all\r\n\r\n") as url:
        assert await unreachable(url) == "no_answer"


async def test_a_site_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "SECONDS", 0.3)
    async with site(b"", silent=True) as url:
        assert await unreachable(url) == "no_answer"


@pytest.mark.parametrize(
    "url",
    [
        "http://acquis.example.org/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://user@127.0.0.1/x",
        "ftp://127.0.0.1/x",
        "file:///etc/hostname",
    ],
)
async def test_only_public_addresses_over_https_and_this_machine_over_http_are_asked(url: str) -> None:
    assert await unreachable(url) == "address_refused"


async def test_a_name_that_leads_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_up(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.7", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    assert await unreachable("https://inside.example.org/x") == "address_refused"


async def test_the_embedded_default_is_checked_over_plain_http_on_this_machine() -> None:
    served: dict[str, bytes] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        writer.write(http("200 OK", served[path]))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        did = f"did:web:127.0.0.1%3A{server.sockets[0].getsockname()[1]}"
        signer = make.signer(did=did)
        assert issuer_keys.document_url(did) == f"{base}/.well-known/did.json"
        served["/.well-known/did.json"] = proofs.as_bytes(
            issuer_keys.did_document(did, [issuer_keys.IssuerKey(signer.public_key, KeyState.ACTIVE)])
        )
        document = proofs.as_bytes(make.unsigned()).replace(make.BASE.encode(), base.encode())
        document = document.replace(make.DID.encode(), did.encode())
        content = proofs.as_bytes(await make.signed(json.loads(document), by=signer))
        url = f"{base}/status/revocation/1"
        listing = await status_list.signed(url, issuer=did, withdrawn=[], now=make.NOW, signer=signer)
        served["/status/revocation/1"] = proofs.as_bytes(listing)
        report = await verification.verify_file(
            content, lookup=Published(published.https_fetcher()), hashes=verification.own_hashes, now=make.NOW
        )
    assert told(report) == (Status.VALID, None, "")


async def test_a_report_is_handed_out_as_plain_json_without_alarms(www: Path) -> None:
    signed = await make.signed()
    row = row_of(signed, standing=Standing.WITHDRAWN, withdrawn_at=make.NOW)
    told_outside = json.loads(json.dumps(as_json(await logged(signed, www, row))))
    [credential] = told_outside["credentials"]
    assert (told_outside["status"], told_outside["letter"]) == ("withdrawn", None)
    assert credential["withdrawn_at"] == "2026-11-25T12:00:00+00:00"
    assert credential["valid_until"] == "2031-11-20T14:00:00+00:00"
    assert credential["checks"][4:6] == [
        {"check": "not_withdrawn", "passed": False},
        {"check": "started", "passed": None},
    ]
    assert "alarms" not in credential


# Words.


def test_every_answer_check_and_unreadable_file_has_its_sentence_in_both_languages() -> None:
    for status in Status:
        for under_review in (False, True):
            for text in (
                verification_words.title(status, under_review=under_review),
                verification_words.sentence(status, under_review=under_review),
            ):
                assert text.en
                assert text.fr != text.en
    assert verification_words.title(Status.WITHDRAWN, under_review=True).en == "Withdrawn, under review"
    for row in Check:
        assert len({verification_words.check(row, passed=passed).fr for passed in (True, False, None)}) == 2
    assert len({verification_words.letter(compared=compared).en for compared in (True, False, None)}) == 3


def test_french_sentences_have_their_spaces_before_signs() -> None:
    path = Path(verification_words.__file__).parents[1] / "locales" / "verification.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    texts = json.dumps(
        [content[table] for table in ("check", "otherwise", "letter", "status", "unreadable")], ensure_ascii=False
    )
    french = [part.split('"')[0] for part in texts.split('"fr": "')[1:]]
    assert len(french) > 25
    for text in french:
        for sign in ":;?!»":
            assert text.count(sign) == text.count("\u00a0" + sign), text
