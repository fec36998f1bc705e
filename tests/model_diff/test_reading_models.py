"""A model is read from a folder, and what can't be read is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from edited_models import FILES, ROOT, model

from registry.model_diff import ModelError, compare, read_model


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


GOOD = {name: content.encode() for name, content in FILES.items()}


def test_a_folder_is_read_with_its_alignments() -> None:
    assert compare(read_model(ROOT), model(FILES)).changes == ()


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        (b"@prefix a: <http://a/> .\n\na:b a:c [ a:d 1 .\n", "3:17", "not Turtle"),
        (b"a:b a:c a:d .\n", "1:1", "not Turtle"),
        (b"<http://a/> <http://b/> <c> .\n", "1:25", "IRI"),
        (b'<http://a/> <http://b/> "\xff" .\n', "1:26", "UTF-8"),
    ],
)
def test_a_file_that_is_no_turtle_is_named_with_line_and_column(
    tmp_path: Path, content: bytes, place: str, reason: str
) -> None:
    folder = written(tmp_path, {**GOOD, "shapes/more.ttl": content})
    with pytest.raises(ModelError) as caught:
        read_model(folder)
    assert str(caught.value).startswith(f"{folder}/shapes/more.ttl:{place}: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("missing", ["ontology", "shapes"])
def test_a_folder_needs_both_parts(tmp_path: Path, missing: str) -> None:
    folder = written(tmp_path, {name: content for name, content in GOOD.items() if not name.startswith(missing)})
    with pytest.raises(ModelError, match="holds no ontology/"):
        read_model(folder)


def test_a_file_that_can_not_be_opened_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path, GOOD)
    (folder / "shapes" / "folder.ttl").mkdir()
    with pytest.raises(ModelError, match=r"folder\.ttl: can't be read: Is a directory"):
        read_model(folder)
