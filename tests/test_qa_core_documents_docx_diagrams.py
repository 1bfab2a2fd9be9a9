"""The words in a Word file's diagrams are read where the diagram stands."""

from __future__ import annotations

import zipfile
from io import BytesIO

import docx
import pytest
from docx.oxml import parse_xml

from qa_core.documents import read_content

OFFICE = "http://schemas.openxmlformats.org"
NAMES = (
    f'xmlns:dgm="{OFFICE}/drawingml/2006/diagram" xmlns:a="{OFFICE}/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}/officeDocument/2006/relationships" '
    f'xmlns:w="{OFFICE}/wordprocessingml/2006/main"'
)
TYPE = f"{OFFICE}/officeDocument/2006/relationships/diagramData"


def point(text: str, kind: str = "") -> str:
    runs = f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" if text else "<a:p/>"
    return f"<dgm:pt{kind}><dgm:t>{runs}</dgm:t></dgm:pt>"


def with_diagram(points: str, target: str) -> bytes:
    document = docx.Document()
    document.add_paragraph("Bleed the heater so:")
    drawn = '<w:drawing><a:graphic><a:graphicData><dgm:relIds r:dm="rId99"/></a:graphicData></a:graphic>'
    document.element.body.insert(-1, parse_xml(f"<w:p {NAMES}><w:r>{drawn}</w:drawing></w:r></w:p>"))
    document.add_paragraph("It is quiet then.")
    buffer, made = BytesIO(), BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(made, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "word/_rels/document.xml.rels":
                relation = f'<Relationship Id="rId99" Type="{TYPE}" Target="{target}"/></Relationships>'
                content = content.replace(b"</Relationships>", relation.encode())
            new.writestr(info.filename, content)
        model = f"<dgm:dataModel {NAMES}><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>"
        new.writestr("word/diagrams/data1.xml", model)
    return made.getvalue()


@pytest.mark.parametrize("target", ["diagrams/data1.xml", "/word/diagrams/data1.xml"])
def test_the_words_of_a_diagram_are_read_behind_its_paragraph(target: str) -> None:
    points = (
        point("", ' type="doc"')
        + point("Open the vent")
        + point("", ' type="parTrans"')
        + point("Wait for water", ' type="node"')
        + point("[Text]", ' type="pres"')
    )
    blocks = read_content(with_diagram(points, target), ".docx").blocks
    assert [str(block) for block in blocks] == [
        *("Bleed the heater so:", "Open the vent", "Wait for water", "It is quiet then.")
    ]


def test_a_diagram_whose_part_is_missing_is_passed_over() -> None:
    blocks = read_content(with_diagram(point("Open it"), "diagrams/data7.xml"), ".docx").blocks
    assert [str(block) for block in blocks] == ["Bleed the heater so:", "It is quiet then."]


def test_a_damaged_diagram_leaves_the_text_readable() -> None:
    data = with_diagram("<dgm:pt><dgm:t>\x01</dgm:pt></x>", "diagrams/data1.xml")
    blocks = read_content(data, ".docx").blocks
    assert [str(block) for block in blocks] == ["Bleed the heater so:", "It is quiet then."]
