"""A credential says what was granted and how it was checked, in a form that every verifier reads, and nothing more."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.documents import (
    achievements,
    badge_profile,
    badge_turning,
    badge_wording,
    badges,
    credential_codes,
    proofs,
)
from services.documents.badge_profile import ProfileInvalid
from services.rules.programmes import Language, Method, Text
from tests.documents import credential_makers as make

Change = Callable[[dict[str, Any]], None]


def problems(document: object, *, now: datetime | None = None) -> set[tuple[str, str]]:
    with pytest.raises(ProfileInvalid) as invalid:
        badge_profile.check(document, now=now)
    return {(problem.path, problem.code) for problem in invalid.value.problems}


def achievement(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["credentialSubject"]["achievement"]
    return found


def test_the_fixed_credential_and_ours_both_have_the_form() -> None:
    badge_profile.check(make.vector("credential"))
    badge_profile.check(make.unsigned())
    badge_profile.check(make.unsigned(language=Language.FR))


REFUSED: list[tuple[str, Change, str, str]] = [
    ("proof as an object", lambda d: d.update(proof=make.vector("credential")["proof"][0]), "proof", "not_an_array"),
    (
        "status as an array",
        lambda d: d.update(credentialStatus=[d["credentialStatus"]]),
        "credentialStatus",
        "not_an_object",
    ),
    ("status without id", lambda d: d["credentialStatus"].pop("id"), "credentialStatus.id", "missing"),
    (
        "schema no array",
        lambda d: d.update(credentialSchema=d["credentialSchema"][0]),
        "credentialSchema",
        "not_an_array",
    ),
    ("evidence no array", lambda d: d.update(evidence=d["evidence"][0]), "evidence", "not_an_array"),
    ("tag no array", lambda d: achievement(d).update(tag="RPL"), "credentialSubject.achievement.tag", "not_an_array"),
    (
        "subject an array",
        lambda d: d.update(credentialSubject=[d["credentialSubject"]]),
        "credentialSubject",
        "not_an_object",
    ),
    ("type text on Profile", lambda d: d["issuer"].update(type="Profile"), "issuer.type", "type_not_this_array"),
    (
        "type text on Achievement",
        lambda d: achievement(d).update(type="Achievement"),
        "credentialSubject.achievement.type",
        "type_not_this_array",
    ),
    ("type array on Image", lambda d: d["image"].update(type=["Image"]), "image.type", "type_not_this_string"),
    (
        "type array on IdentityObject",
        lambda d: d["credentialSubject"]["identifier"][0].update(type=["IdentityObject"]),
        "credentialSubject.identifier[0].type",
        "type_not_this_string",
    ),
    ("language map on name", lambda d: d.update(name={"en": "x"}), "name", "not_text"),
    ("language map on description", lambda d: d.update(description={"en": "x"}), "description", "not_text"),
    (
        "underscore in language",
        lambda d: achievement(d).update(inLanguage="fr_CA"),
        "credentialSubject.achievement.inLanguage",
        "not_a_language_tag",
    ),
    (
        "result value a number",
        lambda d: d["credentialSubject"]["result"][0].update(value=3),
        "credentialSubject.result[0].value",
        "not_text",
    ),
    (
        "credits as text",
        lambda d: d["credentialSubject"].update(creditsEarned="3"),
        "credentialSubject.creditsEarned",
        "not_a_number",
    ),
    (
        "credits true",
        lambda d: achievement(d).update(creditsAvailable=True),
        "credentialSubject.achievement.creditsAvailable",
        "not_a_number",
    ),
    (
        "achievement type of our own",
        lambda d: achievement(d).update(achievementType="Skill"),
        "credentialSubject.achievement.achievementType",
        "achievement_type_unknown",
    ),
    (
        "target type of our own",
        lambda d: achievement(d)["alignment"][0].update(targetType="ESCO"),
        "credentialSubject.achievement.alignment[0].targetType",
        "target_type_unknown",
    ),
    (
        "result status",
        lambda d: d["credentialSubject"]["result"][1].update(status="Failed"),
        "credentialSubject.result[1].status",
        "status_not_completed",
    ),
    ("date without time", lambda d: d.update(validFrom="2026-11-20"), "validFrom", "not_whole_seconds_utc"),
    (
        "fractional seconds",
        lambda d: d.update(validFrom="2026-11-20T14:00:00.0Z"),
        "validFrom",
        "not_whole_seconds_utc",
    ),
    ("offset", lambda d: d.update(validFrom="2026-11-20T14:00:00+00:00"), "validFrom", "not_whole_seconds_utc"),
    ("thirteenth month", lambda d: d.update(validFrom="2026-13-20T14:00:00Z"), "validFrom", "not_whole_seconds_utc"),
    (
        "index as a number",
        lambda d: d["credentialStatus"].update(statusListIndex=94567),
        "credentialStatus.statusListIndex",
        "index_not_a_string_of_digits",
    ),
    (
        "criteria empty",
        lambda d: achievement(d).update(criteria={}),
        "credentialSubject.achievement.criteria.narrative",
        "missing",
    ),
    ("unknown at the root", lambda d: d.update(endorsementJwt=["x"]), "endorsementJwt", "unknown_property"),
    ("jti at the root", lambda d: d.update(jti="x"), "jti", "unknown_property"),
    (
        "unknown deep inside",
        lambda d: achievement(d)["criteria"].update(mood="good"),
        "credentialSubject.achievement.criteria.mood",
        "unknown_property",
    ),
    (
        "a property under its full name",
        lambda d: d.update({"https://www.w3.org/2018/credentials#validUntil": "x"}),
        "https://www.w3.org/2018/credentials#validUntil",
        "unknown_property",
    ),
    (
        "country by name",
        lambda d: d["issuer"]["address"].update(addressCountryCode="Canada"),
        "issuer.address.addressCountryCode",
        "not_a_country_code",
    ),
    ("issuer as text", lambda d: d.update(issuer=make.DID), "issuer", "not_an_object"),
    ("name missing", lambda d: d.pop("name"), "name", "missing"),
    ("empty text", lambda d: d.update(name=" "), "name", "empty"),
    ("empty array", lambda d: d.update(evidence=[]), "evidence", "empty"),
    ("null", lambda d: d.update(name=None), "name", "not_text"),
    (
        "a context more",
        lambda d: d.update({"@context": [*d["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/context.json"]}),
        "@context",
        "context_not_ours",
    ),
    ("an id that is an address", lambda d: d.update(id="https://x.example.org/1"), "id", "not_a_urn_uuid"),
    ("did:key", lambda d: d["issuer"].update(id="did:key:z6Mk"), "issuer.id", "not_did_web"),
    (
        "hashed as text",
        lambda d: d["credentialSubject"]["identifier"][0].update(hashed="false"),
        "credentialSubject.identifier[0].hashed",
        "not_a_boolean",
    ),
    (
        "suspension purpose",
        lambda d: d["credentialStatus"].update(statusPurpose="suspension"),
        "credentialStatus.statusPurpose",
        "purpose_not_revocation",
    ),
    (
        "evidence with an address",
        lambda d: d["evidence"][0].update(id="https://x/1"),
        "evidence[0].id",
        "unknown_property",
    ),
]


@pytest.mark.parametrize(("change", "path", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_each_trap_of_the_form_is_refused_alone_and_by_name(change: Change, path: str, code: str) -> None:
    document = make.unsigned(image_url=f"{make.BASE}/badges/safe-kitchen/v3.png")
    change(document)
    assert problems(document) == {(path, code)}


def without_handle(document: dict[str, Any]) -> None:
    del document["credentialSubject"]["id"], document["credentialSubject"]["identifier"]


def without_target(target: str) -> Change:
    def change(document: dict[str, Any]) -> None:
        rows = achievement(document)["alignment"]
        achievement(document)["alignment"] = [row for row in rows if row["targetType"] != target]

    return change


ALIGNMENT = "credentialSubject.achievement.alignment"
DISAGREEING: list[tuple[str, Change, str, str]] = [
    ("no handle", without_handle, "credentialSubject", "holder_without_handle"),
    ("no framework item", without_target("CFItem"), ALIGNMENT, "framework_item_missing"),
    ("no definition", without_target(badge_profile.PROFILE_TARGET), ALIGNMENT, "definition_profile_missing"),
    ("awarded earlier", lambda d: d.update(awardedDate="2026-11-19T14:00:00Z"), "awardedDate", "not_valid_from"),
    ("over before it starts", lambda d: d.update(validUntil="2026-11-20T14:00:00Z"), "validUntil", "before_valid_from"),
    (
        "another creator",
        lambda d: achievement(d)["creator"].update(id="did:web:x"),
        "credentialSubject.achievement.creator.id",
        "not_the_issuer",
    ),
    (
        "status id",
        lambda d: d["credentialStatus"].update(id=f"{make.LIST}#1"),
        "credentialStatus.id",
        "not_list_and_index",
    ),
    (
        "index past the list",
        lambda d: d["credentialStatus"].update(statusListIndex="131072", id=f"{make.LIST}#131072"),
        "credentialStatus.statusListIndex",
        "index_past_the_list",
    ),
    (
        "result without description",
        lambda d: d["credentialSubject"]["result"][1].update(resultDescription="https://x.example.org/#y"),
        "credentialSubject.result[1].resultDescription",
        "result_not_described",
    ),
    (
        "level that is no level",
        lambda d: d["credentialSubject"]["result"][0].update(achievedLevel="https://x.example.org/#level-9"),
        "credentialSubject.result[0].achievedLevel",
        "level_not_described",
    ),
]


@pytest.mark.parametrize(("change", "path", "code"), [row[1:] for row in DISAGREEING], ids=[r[0] for r in DISAGREEING])
def test_parts_that_contradict_each_other_are_refused(change: Change, path: str, code: str) -> None:
    document = make.unsigned()
    change(document)
    assert problems(document) == {(path, code)}


async def test_a_key_of_another_issuer_is_refused_on_a_signed_credential() -> None:
    signed = await make.signed()
    badge_profile.check(signed)
    signed["proof"][0]["verificationMethod"] = "did:web:elsewhere.example.org#z6Mk"
    assert problems(signed) == {("proof", "not_a_key_of_the_issuer")}


def test_every_problem_is_named_at_once_and_nothing_but_an_object_is_a_credential() -> None:
    document = make.unsigned()
    del document["name"], document["evidence"]
    assert problems(document) == {("name", "missing"), ("evidence", "missing")}
    assert problems([document]) == {("", "not_an_object")}


def test_a_credential_that_starts_in_the_future_is_not_signed() -> None:
    badge_profile.check(make.unsigned(), now=make.DECIDED)
    early = make.DECIDED - timedelta(seconds=1)
    assert problems(make.unsigned(), now=early) == {("validFrom", "in_the_future")}


def test_a_level_below_the_required_one_is_no_grant() -> None:
    with pytest.raises(ProfileInvalid, match="level_not_reached"):
        make.unsigned(level=2)
    assert make.unsigned(level=4)["credentialSubject"]["result"][0]["achievedLevel"].endswith("#level-4")


@pytest.mark.parametrize("language", list(Language))
def test_no_term_of_a_credential_or_of_an_achievement_page_vanishes(language: Language) -> None:
    image, email = f"{make.BASE}/badges/x.png", badges.HashedEmail("Learner@Example.org", bytes(8))
    full = make.unsigned(language=language, image_url=image, holder_email=email)
    assert b"urn:uuid:3f0a52c9" in proofs.canonicalise(full)
    page = achievements.achievement_page(make.programme(), make.competency(), issuer=make.ISSUER, language=language)
    assert b"vocab.html#Achievement" in proofs.canonicalise(page)


def test_the_employer_sentence_says_what_who_how_and_the_outcome_in_both_languages() -> None:
    english, french = make.unsigned()["description"].split(" / ")
    assert english == (
        "Example College confirms that this person can do this: “Keep food safe in a commercial kitchen”. 2 qualified "
        "assessors compared the person’s own evidence with a published standard, one criterion at a time. How it was "
        "checked: portfolio of evidence, structured interview (60\u00a0min), workplace observation (2\u00a0h). Every "
        "required criterion was met. It does not matter where the person learned it: the standard is the same for "
        "everyone."
    )
    assert french.startswith(
        "Collège Exemple confirme que cette personne sait faire ceci\u00a0: «\u00a0Assurer la salubrité des aliments "
        "en cuisine commerciale\u00a0». 2\u00a0personnes évaluatrices qualifiées ont comparé"
    )
    assert make.unsigned(language=Language.FR)["description"] == f"{french} / {english}"
    assert "Une personne évaluatrice qualifiée a comparé" in make.unsigned(assessors=1)["description"]


def test_an_employer_reads_the_sentence_in_thirty_seconds() -> None:
    english = make.unsigned()["description"].split(" / ")[0]
    words_a_minute = 200  # slow silent reading of an adult
    assert len(english.split()) / words_a_minute * 60 <= 30


def test_how_it_was_earned_is_stated_and_each_method_is_numbers_only() -> None:
    document = make.unsigned()
    assert document["credentialSubject"]["narrative"] == "Recognised from work, volunteer and life experience."
    assert [(row["genre"], row["description"]) for row in document["evidence"]] == [
        (
            "Portfolio",
            (
                "7 items mapped to 6 criteria, 2 assessors, rated with the published rubric, kept by the issuer, "
                "released only with the holder’s consent."
            ),
        ),
        ("Oral assessment", "60\u00a0min, 2 assessors, rated with the published rubric."),
        ("Direct observation", "2\u00a0h, one assessor, rated with the published rubric."),
    ]
    assert achievement(document)["criteria"]["narrative"] == (
        "Assessed individually against 6 published criteria. Evidence had to be valid, sufficient, authentic and "
        "current. Methods: portfolio of evidence, structured interview (60\u00a0min), workplace observation "
        "(2\u00a0h). Identity: checked in person or live. Supervision: on site."
    )


@pytest.mark.parametrize("method", list(Method))
def test_every_method_has_its_genre_and_a_sentence(method: Method) -> None:
    for items in (1, 2):
        document = make.unsigned(methods=(badges.MethodUsed(method, items=items, minutes=150),))
        [evidence] = document["evidence"]
        assert evidence["genre"] == badge_wording.GENRES[method]
        assert evidence["description"].startswith("2\u00a0h 30\u00a0min, ")


@pytest.mark.parametrize(("credit", "number"), [("3", 3), ("3.0", 3), ("1.5", 1.5)])
def test_whole_credits_are_integers_and_others_decimals(credit: str, number: float) -> None:
    found = achievements.number(Decimal(credit))
    assert (found, type(found)) == (number, type(number))


def test_the_holders_name_and_address_are_there_only_when_given() -> None:
    assert "identifier" not in make.unsigned(holder_name=None)["credentialSubject"]
    email = badges.HashedEmail("Candidate@Example.org", bytes.fromhex("8f1d7c0e5b3a4e72"))
    document = make.unsigned(holder_name=None, holder_email=email)
    identifiers = document["credentialSubject"]["identifier"]
    assert identifiers == make.vector("credential")["credentialSubject"]["identifier"][1:]
    assert "example" not in json.dumps(identifiers).lower()


def test_it_expires_only_where_the_programme_says_so() -> None:
    assert make.unsigned()["validUntil"] == "2031-11-20T14:00:00Z"
    lasting = make.programme(policy=make.policy(credential_validity=None))
    document = badges.credential(make.grant(), lasting, make.competency(), issuer=make.ISSUER)
    assert "validUntil" not in document


def test_the_achievement_keeps_one_address_in_both_languages_and_names_the_other() -> None:
    english, french = achievement(make.unsigned()), achievement(make.unsigned(language=Language.FR))
    assert english["id"] == french["id"] == f"{make.BASE}/achievements/hospitality.safe-kitchen/v3"
    assert (english["inLanguage"], french["inLanguage"]) == ("en-CA", "fr-CA")
    assert [row["id"] for row in english["related"]] == [english["id"] + "/fr"]
    assert [row["id"] for row in french["related"]] == [english["id"] + "/en"]
    vae = make.programme(policy=make.policy(terms="fr-FR"))
    assert achievements.tag(Language.FR, vae) == "fr-FR"


def test_the_achievement_page_is_the_achievement_of_the_credential_with_the_whole_standard() -> None:
    page = achievements.achievement_page(make.programme(), make.competency(), issuer=make.ISSUER, language=Language.EN)
    narrative = page.pop("criteria")["narrative"]
    page.pop("@context")
    inside = copy.deepcopy(achievement(make.unsigned()))
    inside.pop("criteria")
    assert page == inside
    for wanted in ("- Shows thing 6 (optional)", "- 3. Fully demonstrated: What is seen at 3", "- 45\u00a0h"):
        assert wanted in narrative


def test_the_definition_that_a_credential_satisfies_has_a_public_page() -> None:
    page = achievements.definition_page(achievements.RECOGNITION, base_url=make.BASE)
    [named] = [row for row in achievement(make.unsigned())["alignment"] if row["targetType"].startswith("ext:micro")]
    assert (named["targetUrl"], named["targetCode"]) == (page["id"], page["profile"])
    assert len(page["conditions"]) == 4


def test_a_transfer_says_who_checked_nothing_anew_and_states_no_level() -> None:
    document = make.unsigned(transfer=True, methods=(), level=0, assessors=0, language=Language.FR)
    badge_profile.check(document)
    [shown] = document["evidence"]
    assert (shown["genre"], shown["name"]) == ("Credit transfer", "Transfert de crédits")
    subject = document["credentialSubject"]
    assert [result.get("achievedLevel") for result in subject["result"]] == [None]
    assert "Another body certified it" in document["description"]
    assert "transfert de crédits" in subject["achievement"]["criteria"]["narrative"]
    [named] = [row for row in subject["achievement"]["alignment"] if row["targetType"].startswith("ext:micro")]
    assert named["targetCode"] == "acquis-transfer@1"


def test_dates_never_carry_a_time_zone_or_fractions() -> None:
    decided = datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC)
    assert make.unsigned(decided_at=decided)["validFrom"] == "2026-11-20T09:00:00Z"
    assert make.unsigned()["credentialSubject"]["activityStartDate"] == "2026-09-02T00:00:00Z"


def test_codes_are_drawn_shown_and_read_back_as_people_write_them() -> None:
    drawn = {credential_codes.draw() for _ in range(200)}
    assert len(drawn) == 200
    assert all(credential_codes.normalise(credential_codes.display(code)) == code for code in drawn)
    assert credential_codes.display("K7QM2ZTX9F4B") == "K7QM-2ZTX-9F4B"
    assert credential_codes.normalise(" k7qm 2ztx–9f4b ") == "K7QM2ZTX9F4B"
    assert credential_codes.normalise("OIL0-1111-0000") == "011011110000"


@pytest.mark.parametrize(
    "typed", ["", "K7QM-2ZTX-9F4", "K7QM-2ZTX-9F4BB", "K7QM-2ZTX-9F4U", "K7QM/2ZTX/9F4B", "é" * 12]
)
def test_what_cannot_be_a_code_is_not_looked_up(typed: str) -> None:
    assert credential_codes.normalise(typed) is None


@pytest.mark.parametrize(
    "minutes", [(1, "1\u00a0min"), (90, "90\u00a0min"), (120, "2\u00a0h"), (95, "1\u00a0h 35\u00a0min")]
)
def test_lengths_read_as_people_say_them(minutes: tuple[int, str]) -> None:
    assert badge_wording.length(minutes[0]) == minutes[1]


SENTENCES = [
    *[value for value in vars(badge_wording).values() if isinstance(value, Text)],
    achievements.RECOGNITION.name,
    *achievements.RECOGNITION.conditions,
    achievements.TRANSFER.name,
    *achievements.TRANSFER.conditions,
]


@pytest.mark.parametrize("text", SENTENCES)
def test_french_sentences_are_translated_and_have_their_spaces_before_signs(text: Text) -> None:
    assert text.en != text.fr
    for sign in ":;?!»":
        assert text.fr.count(sign) == text.fr.count("\u00a0" + sign), text.fr


EVERY_METHOD = tuple(badges.MethodUsed(one, items=1, minutes=150) for one in Method)


@pytest.mark.parametrize("changes", [{}, {"transfer": True, "methods": ()}, {"methods": EVERY_METHOD}])
def test_what_is_signed_in_one_language_is_read_in_the_other(changes: dict[str, Any]) -> None:
    """Whatever a credential says of how it was assessed has the very words that the other language would have had."""
    made = {one: make.unsigned(language=one, **changes) for one in Language}
    for here, there in (Language, tuple(Language)[::-1]):
        signed, wanted = made[here], made[there]
        turn = {"out_of": here, "into": there}
        assert badge_turning.criteria(_how(signed), **turn) == _how(wanted)
        for one, other in zip(signed["evidence"], wanted["evidence"], strict=True):
            assert badge_turning.name(one["name"], **turn) == other["name"]
            assert badge_turning.description(one["description"], **turn) == other["description"]


def test_a_sentence_that_is_not_ours_has_no_other_language() -> None:
    turn = {"out_of": Language.EN, "into": Language.FR}
    for turned in (badge_turning.criteria, badge_turning.name, badge_turning.description):
        assert turned("Somebody else wrote this, freely.", **turn) is None
    made = _how(make.unsigned(language=Language.EN))
    assert badge_turning.criteria(made.replace("portfolio of evidence", "a look"), **turn) is None


def _how(made: dict[str, Any]) -> str:
    return str(made["credentialSubject"]["achievement"]["criteria"]["narrative"])
