"""Anybody can check a credential and read what the issuer publishes; nobody can guess or track."""

import json
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from services.api.misses import ALLOWED, MOST_ADDRESSES, Misses
from services.documents import achievements
from services.records.tables.credentials import Credential, CredentialState
from services.rules.refusals import Refused
from tests.api.kit import BASE, ISSUER, Api
from tests.api.test_whole_case import decided, good
from tests.records import makers
from tests.records.moving import People


async def code_of(api: Api, who: People, case_id: str, *, page: bool = True, name: bool = True) -> str:
    """The code of the case's credential, whose holder shows as much of it as is said."""
    (credential,) = good(await api.get(f"/cases/{case_id}/credentials", who.learner))
    path = f"/cases/{case_id}/credentials/{credential['id']}/sharing"
    good(await api.write("PUT", path, who.learner, {"page": page, "name": name}))
    return str(credential["code"])


@pytest.mark.parametrize("code", ["0000-0000-0000", "x", "0" * 200, "%2e%2e", "é"])
async def test_an_unknown_code_is_not_ours_and_told_as_such(api: Api, code: str) -> None:
    answer = await api.get(f"/verify/{code}")
    assert (answer.status_code, answer.json()["status"]) == (404, "not_ours")
    assert answer.json()["sentence"]["fr"].startswith("L’établissement")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in answer.headers


async def test_guessing_codes_is_slowed_down_and_a_minute_later_forgiven() -> None:
    now = 0.0
    misses = Misses(lambda: now)
    for _ in range(ALLOWED):
        misses.check("203.0.113.7")
        misses.note("203.0.113.7")
    with pytest.raises(Refused, match="throttled") as refused:
        misses.check("203.0.113.7")
    assert 0 < int(refused.value.facts["seconds"]) <= 61
    misses.check("203.0.113.8")
    now = 61.0
    misses.check("203.0.113.7")


def test_the_misses_of_many_addresses_do_not_fill_the_memory() -> None:
    misses = Misses(lambda: 0.0)
    for number in range(MOST_ADDRESSES + 10):
        misses.note(str(number))
    assert len(misses._seen) == MOST_ADDRESSES  # noqa: SLF001 - what the test is about


async def test_a_code_is_heard_however_it_is_said(api: Api, who: People) -> None:
    code = await code_of(api, who, await decided(api, who))
    for said in (code, code.lower(), code.replace("-", ""), code.replace("0", "O").replace("1", "l")):
        assert good(await api.get(f"/verify/{said}"))["status"] == "valid"


async def test_the_short_address_leads_to_the_answer(api: Api) -> None:
    answer = await api.http.get("/v/abcd efgh jkmn")
    assert (answer.status_code, answer.headers["location"]) == (302, "/api/v1/verify/ABCD-EFGH-JKMN")
    assert (await api.http.get("/v/no-code")).status_code == 404


async def test_what_is_not_published_yet_does_not_exist_outside(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    code = await code_of(api, who, case_id)
    async with api.database.writing() as session:
        credential = (await session.exec(select(Credential))).one()
        credential.state = CredentialState.SIGNED
    assert (await api.get(f"/verify/{code}")).status_code == 404
    assert (await api.get(f"/credentials/{code}")).status_code == 404


async def test_without_a_fresh_status_list_nothing_is_called_valid(api: Api, who: People) -> None:
    code = await code_of(api, who, await decided(api, who))
    api.clock.now += timedelta(days=31)
    answer = await api.get(f"/verify/{code}")
    assert (answer.status_code, answer.json()["status"]) == (503, "unchecked")
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"{}", "no_credential"),
        (b"[1]", "no_credential"),
        (b'{"a": 1, "a": 2}', "duplicate_keys"),
        (b'{"a": NaN}', "not_a_number"),
        (b"[" * 5_000 + b"]" * 5_000, "too_deep"),
        (b"%PDF-1.7 sample", "pdf_unreadable"),
        (b" " * 300_000, "too_large"),
    ],
)
async def test_a_file_in_which_nothing_is_found_is_an_error_of_form(api: Api, content: bytes, code: str) -> None:
    answer = await api.http.post("/api/v1/verify", content=content)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["at"], fault["code"]) == ("file", code)


async def test_a_file_over_twenty_megabytes_is_not_read(api: Api) -> None:
    answer = await api.http.post("/api/v1/verify", content=b"x" * (20 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_credential_that_names_us_and_was_never_issued_is_not_ours(api: Api, who: People) -> None:
    code = await code_of(api, who, await decided(api, who))
    document = (await api.get(f"/credentials/{code}")).json()
    document["id"] = f"urn:uuid:{uuid4()}"
    answer = good(await api.http.post("/api/v1/verify", content=json.dumps(document)))
    assert (answer["status"], answer["credentials"][0]["detail"]) == ("not_ours", "uses_our_name")


async def granted_claim(api: Api, who: People, case_id: str) -> str:
    claims = good(await api.get(f"/cases/{case_id}", who.learner))["claims"]
    return next(str(claim["id"]) for claim in claims if claim["state"] == "credentialed")


async def send(api: Api, who: People, case_id: str, command: str, body: Mapping[str, object]) -> None:
    good(await api.command(case_id, command, who.decider, body))


async def test_a_grant_under_review_says_so_and_comes_back_under_a_new_code(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    code = await code_of(api, who, case_id)
    about = {
        "claim": await granted_claim(api, who, case_id),
        "explanation": "An employer says that a letter is not theirs.",
    }
    await send(api, who, case_id, "suspend-grant", about)
    answer = good(await api.get(f"/verify/{code}"))
    assert (answer["status"], answer["credentials"][0]["under_review"]) == ("withdrawn", True)
    assert answer["title"]["en"] == "Withdrawn, under review"
    await send(api, who, case_id, "lift-suspension", about)
    former, new = good(await api.get(f"/cases/{case_id}/credentials", who.learner))
    assert (former["state"], new["state"]) == ("superseded", "active")
    assert former["code"] == code != new["code"]
    answer = good(await api.get(f"/verify/{code}"))
    (verdict,) = answer["credentials"]
    assert (answer["status"], verdict["under_review"], verdict["replaced_by"]) == ("withdrawn", False, new["code"])
    assert good(await api.get(f"/verify/{new['code']}"))["status"] == "valid"
    letters = good(await api.get(f"/cases/{case_id}/letters", who.learner))
    assert len(letters) == 3 * 2  # three decisions, in two languages each
    await send(api, who, case_id, "suspend-grant", about)
    await send(api, who, case_id, "revoke-grant", about | {"reason": "fraud"})
    answer = good(await api.get(f"/verify/{new['code']}"))
    assert (answer["status"], answer["credentials"][0]["under_review"]) == ("withdrawn", False)


async def test_a_corrected_decision_withdraws_what_it_lowers_and_keeps_both_letters(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    code = await code_of(api, who, case_id)
    changed = {"claim": await granted_claim(api, who, case_id), "outcome": "not_yet"}
    await send(
        api, who, case_id, "correct-decision", {"ground": "fraud", "reasons": "Somebody else’s.", "claims": [changed]}
    )
    assert good(await api.get(f"/verify/{code}"))["status"] == "withdrawn"
    assert len(good(await api.get(f"/cases/{case_id}/letters", who.learner))) == 2 * 2
    case = good(await api.get(f"/cases/{case_id}", who.learner))
    assert (case["stage"]["stage"], case["outcome"]) == ("decided", "not_granted")


async def test_the_keys_stand_where_the_did_says_and_are_for_every_site(api: Api) -> None:
    answer = await api.http.get("/.well-known/did.json")
    assert answer.json()["id"] == ISSUER.did
    assert len(answer.json()["assertionMethod"]) == 1
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=300"


async def test_the_status_list_is_cached_for_four_minutes_and_known_by_its_tag(api: Api, who: People) -> None:
    await decided(api, who)
    answer = await api.http.get("/status/revocation/1")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=240"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers
    again = await api.http.get("/status/revocation/1", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_every_address_in_a_credential_of_ours_can_be_read(api: Api, who: People) -> None:
    code = await code_of(api, who, await decided(api, who))
    document = (await api.get(f"/credentials/{code}")).json()
    told = json.dumps(document)
    achievement = document["credentialSubject"]["achievement"]
    addresses = [
        achievement["id"],
        *(one["id"] for one in achievement["related"]),
        *(one["targetUrl"] for one in achievement["alignment"]),
        document["credentialStatus"]["statusListCredential"],
    ]
    for address in (one for one in addresses if one.startswith(BASE)):
        assert address in told
        answer = await api.http.get(address)
        assert answer.status_code == 200, address
        assert answer.json().get("id", answer.json().get("uri")) in {address, address.removesuffix("/fr")}


@pytest.mark.parametrize("language", ["", "/en", "/fr"])
async def test_an_achievement_is_published_with_its_whole_standard(api: Api, who: People, language: str) -> None:
    assert who
    programme = makers.programme()
    address = achievements.url(programme, programme.competencies[0], BASE)
    answer = await api.http.get(address + language)
    page = answer.json()
    title = programme.competencies[0].title
    assert page["name"] == (title.fr if language == "/fr" else title.en)
    assert page["humanCode"] == "SAM-FIRST"
    assert answer.headers["content-language"] == ("fr-CA" if language == "/fr" else "en-CA")


async def test_programmes_are_read_before_anybody_signs_in(api: Api, who: People) -> None:
    assert who
    (listed,) = good(await api.get("/programmes"))
    assert (listed["slug"], listed["version"]) == ("sample-programme", 1)
    whole = good(await api.get("/programmes/sample-programme"))
    assert [one["key"] for one in whole["competencies"]] == ["first", "second", "third"]
    assert good(await api.get("/programmes/sample-programme/versions/1")) == whole
    assert (await api.get("/programmes/sample-programme/versions/2")).status_code == 404


async def test_health_says_who_is_down(api: Api, waiting_api: Api) -> None:
    assert good(await api.http.get("/health"))["status"] == "alive"
    assert good(await api.http.get("/health/ready"))["status"] == "ready"
    degraded = good(await waiting_api.http.get("/health/ready"))
    assert (degraded["status"], degraded["temporal"]) == ("degraded", "down")
