"""The list of keys from which the guide is made."""

import pathlib

import pytest

from compose import reference

_GUIDE = pathlib.Path(__file__).parents[3] / "docs/compose.md"


def test_the_stack_dialect_is_listed_with_versions_and_reasons() -> None:
    listed = {key.path: key for key in reference.list_stack_keys()}

    assert listed["services.*.image"] == reference.Entry("services.*.image", "3.0", "honoured", "")
    assert listed["configs.*.file"].since == "3.3"
    assert listed["services.*.ports.[].target"].since == "3.2"
    assert listed["services.*.privileged"].treatment == "ignored"
    assert listed["services.*.tmpfs"].treatment == "dropped"
    assert listed["services.*.extends"].treatment == "refused"


def test_what_is_not_honoured_has_a_reason() -> None:
    keys = [*reference.list_stack_keys(), *reference.list_spec_keys()]

    assert [key.path for key in keys if key.treatment != "honoured" and not key.reason] == []


def test_the_tables_hold_every_key() -> None:
    lines = reference.make_markdown().splitlines()

    keys = len(reference.list_stack_keys()) + len(reference.list_spec_keys())
    assert sum(line.startswith("| `") for line in lines) == keys


def test_the_guide_holds_these_tables() -> None:
    guide = _GUIDE.read_text(encoding="utf-8")

    # `python -m compose.reference docs/compose.md` writes them.
    assert guide.partition(reference.HEADING)[2] == f"{reference.make_markdown().partition(reference.HEADING)[2]}\n"


def test_tables_are_written_in_place_of_older_ones(tmp_path: pathlib.Path) -> None:
    (tmp_path / "guide.md").write_text(f"Text.\n\n{reference.HEADING}\nold\n")

    reference.main([str(tmp_path / "guide.md")])

    assert (tmp_path / "guide.md").read_text() == f"Text.\n\n{reference.make_markdown()}\n"


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        reference.main(["--help"])

    assert ended.value.code == 0
    assert "docs/compose.md" in capsys.readouterr().out


def test_a_file_that_is_missing_is_refused_in_a_sentence(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        reference.main([str(tmp_path / "gone.md")])

    assert ended.value.code == 2
    assert f"FILE must be a file with the heading '{reference.HEADING}'; got '{tmp_path}/gone.md'." in (
        capsys.readouterr().err
    )
