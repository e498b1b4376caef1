"""Names that no swarm takes are refused with file and key: its managers do it when an object is sent to them."""

import pathlib

import pytest

import compose
from compose import __main__ as command_line
from compose import checking, model, swarm_names
from tests.doubles import world

_RULE = "letters, digits, '-' and '_', a letter or digit first and last"


def _load(folder: pathlib.Path, text: str, stack: str = "st") -> compose.Converted:
    (folder / "a.yaml").write_text(text)
    return compose.convert(compose.load([folder / "a.yaml"], stack, environment={}))


def _list_unfit(folder: pathlib.Path, text: str, stack: str = "st") -> list[str]:
    return [str(one).replace(f"{folder}/", "") for one in _load(folder, text, stack).unfit]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("services:\n  a-b_c: {image: x}\n", []),
        (f"services:\n  {'a' * 60}: {{image: x}}\n", []),
        (
            f"services:\n  {'a' * 61}: {{image: x}}\n",
            [
                f"a.yaml:2: services.{'a' * 61} must have a name on the swarm of at most 63 characters ({_RULE}); "
                f"got 'st_{'a' * 61}'."
            ],
        ),
        (
            "services:\n  my.web: {image: x}\n",
            [
                "a.yaml:2: services.my.web must have a name on the swarm of at most 63 characters "
                f"({_RULE}); got 'st_my.web'."
            ],
        ),
        (
            "services:\n  a_: {image: x}\n",
            [f"a.yaml:2: services.a_ must have a name on the swarm of at most 63 characters ({_RULE}); got 'st_a_'."],
        ),
        (f"services: {{a: {{image: x, networks: [n]}}}}\nnetworks: {{n: {{name: {'n' * 52}}}}}\n", []),
        (
            f"services: {{a: {{image: x, networks: [n]}}}}\nnetworks:\n  n:\n    name: {'n' * 53}\n",
            [
                f"a.yaml:4: networks.n.name must have a name on the swarm of at most 52 characters ({_RULE}); "
                f"got '{'n' * 53}'."
            ],
        ),
        (
            "services: {a: {image: x, networks: [my.net]}}\nnetworks:\n  my.net:\n",
            [
                f"a.yaml:3: networks.my.net must have a name on the swarm of at most 52 characters ({_RULE}); "
                "got 'st_my.net'."
            ],
        ),
        ("services: {a: {image: x, networks: [n]}}\nnetworks: {n: {name: my.net, external: true}}\n", []),
        ("services: {a: {image: x}}\nnetworks: {unused.one: {}}\n", []),
    ],
)
def test_a_name_is_one_that_a_swarm_takes(tmp_path: pathlib.Path, text: str, refused: list[str]) -> None:
    assert _list_unfit(tmp_path, text) == refused


def test_the_name_of_the_stack_counts(tmp_path: pathlib.Path) -> None:
    refused = _list_unfit(tmp_path, "services: {a: {image: x}}\n", "my.stack")

    assert [one.partition(" must ")[0] for one in refused] == ["a.yaml:1: services.a", "a.yaml:1: networks.default"]


@pytest.mark.parametrize("command", ["convert", "check"])
def test_the_command_line_refuses_it(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    (tmp_path / "a.yaml").write_text("services: {my.web: {image: x}}\n")

    status = command_line.main([command, str(tmp_path / "a.yaml"), "--stack", "st"])

    captured = capsys.readouterr()
    assert status == 1
    assert "services.my.web must have a name on the swarm" in captured.out + captured.err


def test_every_name_is_found(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.yaml").write_text("services:\n  a.b: {image: x}\n  c.d: {image: x}\n")

    found = checking.find_refused([tmp_path / "a.yaml"], "st", model.Options({}), None)

    assert [one.key for one in found] == ["services.a.b", "services.c.d"]


@pytest.mark.parametrize(("kind", "section"), [("Service", "services"), ("Network", "networks")])
@pytest.mark.parametrize("name", ["a", "a-b_c", "A1", "a.b", "a_", "-a", "", "a b", "ä"])
def test_the_provider_takes_what_files_may_say(kind: str, section: str, name: str) -> None:
    refused = world.failures(kind, {"name": name, "spec": {"TaskTemplate": {}}})

    assert ("name" in refused) is not swarm_names.fits(section, name)


@pytest.mark.parametrize(("kind", "section"), [("Service", "services"), ("Network", "networks")])
@pytest.mark.parametrize("length", [52, 53, 63, 64])
def test_the_provider_takes_as_many_characters(kind: str, section: str, length: int) -> None:
    refused = world.failures(kind, {"name": "n" * length, "spec": {"TaskTemplate": {}}})

    assert ("name" in refused) is not swarm_names.fits(section, "n" * length)
