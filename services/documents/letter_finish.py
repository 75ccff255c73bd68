"""The last touch on a letter's PDF: what WeasyPrint writes twice or in the wrong place, put right, with equal bytes."""

import re
from collections.abc import Callable, Collection
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

PDFUA = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1"/>\
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" \
rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
"""PDF/UA-1's mark, and the description without which PDF/A-3 does not allow it. Source: ISO 14289-1, clause 5."""

END_OF_RDF = b"</rdf:RDF>"
MARKED = re.compile(rb"/\w+\s*<</MCID (\d+)>>\s*BDC")
"""The opening of a piece of tagged content in a page, with its number."""


def finish(content: bytes) -> bytes:
    """Return the PDF compressed, with each attachment listed once and PDF/UA-1's mark where readers look for it.

    The same bytes in give the same bytes out. Raises `ValueError` when the metadata is not where it should be.
    """
    import pikepdf

    with pikepdf.open(BytesIO(content)) as pdf:
        if "/AF" in pdf.Root:
            listed = {file.objgen: file for file in pdf.Root.AF}
            pdf.Root.AF = pikepdf.Array(list(listed.values()))
        _take_running_lines_aside(pdf)
        head, mark, tail = pdf.Root.Metadata.read_bytes().rpartition(END_OF_RDF)
        if not mark:
            raise ValueError("metadata_without_rdf")
        pdf.Root.Metadata.write(head + PDFUA + mark + tail)
        finished = BytesIO()
        pdf.save(
            finished,
            deterministic_id=True,
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return finished.getvalue()


def _take_running_lines_aside(pdf: "Pdf") -> None:
    """Mark headers and footers as artifacts: they are numbered as content, but hang nowhere in the structure.

    A screen reader would otherwise meet "Page 2 of 3" in the middle of a sentence.
    """
    tree = pdf.Root.StructTreeRoot
    document = tree.K[0]
    tops = {tree.objgen, document.objgen}
    told = {child.objgen for child in document.K}
    known: dict[tuple[int, int], bool] = {}

    def belongs(element: "Object") -> bool:
        """Whether an element hangs in the structure; asked once of each, for the lines of a page share parents."""
        place = element.objgen
        if place not in known:
            parent = element.P
            known[place] = place in told if parent.objgen in tops else belongs(parent)
        return known[place]

    for number, page in enumerate(pdf.pages):
        # WeasyPrint lists the pages first, each with the elements of its pieces in their order.
        elements = tree.ParentTree.Nums[2 * number + 1]
        aside = {piece for piece, element in enumerate(elements) if not belongs(element)}
        page.Contents.write(MARKED.sub(_artifact(aside), page.Contents.read_bytes()))
        for piece in aside:
            elements[piece] = None


def _artifact(aside: Collection[int]) -> Callable[[re.Match[bytes]], bytes]:
    return lambda found: b"/Artifact BMC" if int(found[1]) in aside else found[0]
