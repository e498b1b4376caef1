"""Names on Azure: valid and unique whatever project and stack are called."""

import re

import pytest

from components import naming

# The longest that Pulumi takes, and what it takes beside letters and digits.
_LONG = "p" * 100
_ODD = "My_Project.x-"


def test_a_group_is_named_after_project_stack_and_network() -> None:
    assert naming.derive_group_name("azure-swarm", "dev", "net") == "azure-swarm-dev-net"


@pytest.mark.parametrize("stack", ["dev", _LONG, _ODD, "9", "a.", "A-b"])
@pytest.mark.parametrize("project", ["shop", _LONG, _ODD, "9", "a.", "__"])
def test_every_group_name_is_one_that_azure_takes(project: str, stack: str) -> None:
    name = naming.derive_group_name(project, stack, "net")

    assert re.fullmatch(r"[a-z0-9-]{1,89}[a-z0-9]", name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a-b", "c", "net"), ("a", "b-c", "net")),
        (("shop", "dev", "net"), ("Shop", "dev", "net")),
        (("a.b", "c", "net"), ("a_b", "c", "net")),
        ((_LONG, "a", "net"), (_LONG, "b", "net")),
        (("a", "b", "net"), ("a", "b", "other")),
    ],
)
def test_two_environments_never_share_a_group(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert naming.derive_group_name(*one).lower() != naming.derive_group_name(*other).lower()


@pytest.mark.parametrize("parts", [["o", "azure-swarm", "dev", "registry"], [_LONG] * 4, ["o", "__", "..", "-"]])
def test_every_global_name_is_one_that_azure_takes(parts: list[str]) -> None:
    assert re.fullmatch(r"[a-z0-9]{5,50}", naming.derive_name("cr", parts))


def test_a_global_name_differs_by_organization() -> None:
    names = {naming.derive_name("cr", [organization, "p", "s", "n"]) for organization in ("one", "other")}

    assert len(names) == 2


@pytest.mark.parametrize(
    ("stack", "service", "repository"),
    [("shop", "web", "shop/web"), ("shop", "a-b", "shop/a-b"), ("shop", "Web_1", "shop/web-1-d9366308b70c")],
)
def test_a_repository_is_in_lower_case(stack: str, service: str, repository: str) -> None:
    assert naming.make_repository(stack, service) == repository
