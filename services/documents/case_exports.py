"""A programme as a CASE package, so that other systems can read our competencies, criteria and rubrics.

CASE gives an entry one language. Each competency and criterion stands in the tree in English; its French wording is an
entry of its own that is its exact match, with a rubric of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from services.documents.case_packages import Association, Document, Item, Link, Package
from services.rules.programmes import Alignment, Competency, Language, Programme, Text

TAG = {Language.EN: "en-CA", Language.FR: "fr-CA"}
KINDS = {
    "competency": Text("Competency", "Compétence"),
    "mandatory": Text("Mandatory criterion", "Critère obligatoire"),
    "optional": Text("Additional criterion", "Critère complémentaire"),
}
"""The item types that a package of ours defines."""


def from_programme(programme: Programme, *, base_url: str, at: datetime) -> Package:
    """The programme as a package whose addresses begin with `base_url`; `at` (UTC) is when it was published.

    Identifiers are derived from `base_url`, the slug and the keys: the same competency keeps its identifier over all
    versions of the programme.
    """
    return _Export(programme, base_url.rstrip("/"), at.astimezone(UTC).isoformat(timespec="seconds")).package()


@dataclass(frozen=True, slots=True)
class _Export:
    """What every entry of one export needs to know; `changed` is ISO 8601 in UTC."""

    programme: Programme
    base: str
    changed: str

    @property
    def document(self) -> Link:
        return self._link("CFDocuments", self.programme.title.en, f"v{self.programme.version}")

    def package(self) -> Package:
        programme = self.programme
        items: list[Item] = []
        associations: list[Association] = []
        for position, competency in enumerate(programme.competencies, 1):
            for item, parent, sequence in self._entries(competency, position):
                items.append(item)
                kind = "isChildOf" if item.language == TAG[Language.EN] else "exactMatchOf"
                associations.append(self._association(kind, self._of(item), parent, sequence))
            origin = self._item_link(competency.title.en, competency.key, Language.EN)
            associations.extend(
                self._association("isRelatedTo", origin, _outside(alignment), None)
                for alignment in competency.alignment
            )
        document = Document(
            identifier=self.document.identifier,
            uri=self.document.uri,
            creator=programme.institution.name.en,
            title=programme.title.en,
            changed=self.changed,
            description=f"{programme.summary.en}\n\n{programme.summary.fr}",
            language=TAG[Language.EN],
            version=str(programme.version),
            publisher=programme.institution.name.en,
            status="Adopted",
            source=programme.institution.url,
            package=self._link("CFPackages", programme.title.en, f"v{programme.version}"),
            extra={"subject": [programme.field_of_study.en, programme.field_of_study.fr]},
        )
        definitions = {"CFItemTypes": [self._item_type(key, text) for key, text in KINDS.items()]}
        rubrics = [self._rubric(each, language) for each in programme.competencies for language in Language]
        extra = {"CFDefinitions": definitions, "CFRubrics": rubrics}
        return Package(document, items=tuple(items), associations=tuple(associations), extra=extra)

    def _entries(self, competency: Competency, position: int) -> Iterator[tuple[Item, Link, int | None]]:
        """A competency's items with what each is tied to: the tree in English, the French beside it."""
        english = self._item_link(competency.title.en, competency.key, Language.EN)
        for language, parent, place in ((Language.EN, self.document, position), (Language.FR, english, None)):
            notes = competency.explanation.in_(language)
            item = self._item(
                competency.title, competency.key, language, "competency", code=competency.code, notes=notes
            )
            yield item, parent, place
        for number, criterion in enumerate(competency.criteria, 1):
            key, code = f"{competency.key}/{criterion.key}", f"{competency.code}.{number}"
            kind = "mandatory" if criterion.mandatory else "optional"
            match = self._item_link(criterion.text.en, key, Language.EN)
            yield self._item(criterion.text, key, Language.EN, kind, code=code), english, number
            yield self._item(criterion.text, key, Language.FR, kind, code=code), match, None

    def _item(
        self, text: Text, key: str, language: Language, kind: str, *, code: str, notes: str | None = None
    ) -> Item:
        link = self._item_link(text.in_(language), key, language)
        title = KINDS[kind].in_(language)
        return Item(
            identifier=link.identifier,
            uri=link.uri,
            statement=link.title,
            changed=self.changed,
            code=code,
            kind=title,
            kind_link=self._link("CFItemTypes", title, f"type/{kind}"),
            notes=notes,
            language=TAG[language],
            document=self.document,
        )

    def _association(self, kind: str, origin: Link, destination: Link, sequence: int | None) -> Association:
        link = self._link("CFAssociations", kind, f"{origin.identifier}/{kind}/{destination.uri}")
        return Association(
            identifier=link.identifier,
            uri=link.uri,
            kind=kind,
            origin=origin,
            destination=destination,
            changed=self.changed,
            sequence=sequence,
            document=self.document,
        )

    def _rubric(self, competency: Competency, language: Language) -> dict[str, Any]:
        """The four levels of a competency as a rubric with one criterion: the competency as a whole."""
        place = f"{competency.key}/rubric/{language}"
        rubric = self._named("CFRubrics", place)
        criterion = self._named("CFRubricCriteria", f"{place}/criterion")
        levels = [
            self._named("CFRubricCriterionLevels", f"{place}/{level.level}")
            | {
                "quality": level.name.in_(language),
                "description": level.anchor.in_(language),
                "score": level.level,
                "position": level.level,
                "rubricCriterionId": criterion["identifier"],
            }
            for level in competency.levels
        ]
        item = self._item_link(competency.title.in_(language), competency.key, language)
        criterion |= {
            "description": item.title,
            "CFItemURI": {"title": item.title, **self._names(item)},
            "position": 1,
            "rubricId": rubric["identifier"],
            "CFRubricCriterionLevels": levels,
        }
        return rubric | {"title": f"{competency.code} {item.title}", "CFRubricCriteria": [criterion]}

    def _item_type(self, key: str, text: Text) -> dict[str, Any]:
        return self._named("CFItemTypes", f"type/{key}") | {
            "title": text.en,
            "description": text.fr,
            "hierarchyCode": "1" if key == "competency" else "1.1",
            "typeCode": key,
        }

    def _named(self, kind: str, place: str) -> dict[str, Any]:
        return {**self._names(self._link(kind, "", place)), "lastChangeDateTime": self.changed}

    def _names(self, link: Link) -> dict[str, str]:
        return {"identifier": link.identifier, "uri": link.uri}

    def _of(self, item: Item) -> Link:
        return Link(item.statement, item.identifier, item.uri)

    def _item_link(self, title: str, key: str, language: Language) -> Link:
        return self._link("CFItems", title, f"{key}/{language}")

    def _link(self, kind: str, title: str, place: str) -> Link:
        identifier = str(uuid5(NAMESPACE_URL, f"{self.base}/programmes/{self.programme.slug}/{kind}/{place}"))
        return Link(title, identifier, f"{self.base}/ims/case/v1p0/{kind}/{identifier}")


def _outside(alignment: Alignment) -> Link:
    return Link(alignment.name.en, alignment.code or alignment.uri.rsplit("/", 1)[-1], alignment.uri)
