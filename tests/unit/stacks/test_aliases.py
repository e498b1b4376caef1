"""The aliases of azure-native's SDK, which the program leaves out."""

from typing import Any

import pulumi
import pytest

from stacks import aliases

_OLD_TYPE = pulumi.Alias(type_="azure-native:compute/v20240301:VirtualMachine")
_OLD_NAME = pulumi.Alias(name="before")


def _transform(*given: Any) -> pulumi.ResourceTransformationResult | None:
    options = pulumi.ResourceOptions(aliases=list(given), protect=True)
    resource: Any = None
    args = pulumi.ResourceTransformationArgs(resource, "azure-native:compute:VirtualMachine", "web", {"a": 1}, options)
    return aliases.without_version_aliases(args)


def test_types_of_versions_are_left_out_and_all_else_stays() -> None:
    result = _transform(_OLD_TYPE, _OLD_NAME, "urn:pulumi:dev::p::t::n")

    assert result is not None
    assert result.opts.aliases == [_OLD_NAME, "urn:pulumi:dev::p::t::n"]
    assert result.opts.protect is True
    assert result.props == {"a": 1}


@pytest.mark.parametrize("given", [[], [_OLD_NAME]])
def test_a_resource_without_them_stays_as_it_is(given: list[Any]) -> None:
    assert _transform(*given) is None
