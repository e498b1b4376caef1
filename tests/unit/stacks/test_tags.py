"""The tags of an environment: on every resource that takes tags, and on no other."""

import inspect

import pulumi_azure_native as azure_native
import pytest

from arm import registrations, resource_types
from stacks import tags
from tests.unit.stacks import environments
from tools import environments as kept

# It takes 15, fewer than may be chosen.
_SECRET = "azure-native:keyvault:Secret"


@pytest.mark.parametrize("stack", kept.STACKS)
def test_everything_that_takes_tags_says_project_and_environment(stack: str) -> None:
    found = registrations.list_of_azure(environments.deploy_environment(stack).resources)

    told = [one.inputs.get("tags") for one in found if one.token in tags.TAGGED]
    assert told == [{"project": "azure-swarm", "environment": stack}] * len(told) != []
    assert [one.name for one in found if one.token not in tags.TAGGED and "tags" in one.inputs] == []


def test_a_tag_of_ones_own_is_on_everything_and_may_replace_ours() -> None:
    given = {"costCentre": "42", "environment": "staging"}
    deployed = environments.deploy_changed("dev", tags=given, applications=[])

    found = [one for one in deployed.resources if one.token in tags.TAGGED]
    assert {tuple(sorted(one.inputs["tags"].items())) for one in found} == {
        (("costCentre", "42"), ("environment", "staging"), ("project", "azure-swarm"))
    }


def test_a_tag_of_ones_own_replaces_ours_whatever_its_case() -> None:
    deployed = environments.deploy_changed("dev", tags={"Project": "shop", "ENVIRONMENT": "x"}, applications=[])

    found = [one.inputs["tags"] for one in deployed.resources if one.token in tags.TAGGED]
    assert found == [{"Project": "shop", "ENVIRONMENT": "x"}] * len(found) != []


def test_as_many_tags_as_are_valid_are_on_nothing_that_takes_fewer() -> None:
    many = {f"tag{index}": "x" for index in range(48)}
    deployed = environments.deploy_changed("dev", tags=many, keyVault=True, secretExpiry="2099-11-30", applications=[])

    assert [one.name for one in deployed.all(_SECRET) if "tags" in one.inputs] == []
    assert {len(one.inputs["tags"]) for one in deployed.resources if one.token in tags.TAGGED} == {50}


def test_what_takes_tags_is_what_the_types_say() -> None:
    types = resource_types.TYPES
    assert {token for token, known in types.items() if "tags" in known.beside} == tags.TAGGED & set(types) | {_SECRET}


@pytest.mark.parametrize("token", sorted(tags.TAGGED))
def test_azure_native_takes_tags_there(token: str) -> None:
    module, kind = token.split(":")[1:]
    resource = getattr(getattr(azure_native, module), kind)

    assert "tags" in inspect.signature(resource._internal_init).parameters


@pytest.mark.parametrize("token", sorted(set(resource_types.TYPES) - tags.TAGGED - {_SECRET}))
def test_azure_native_takes_none_elsewhere(token: str) -> None:
    module, kind = token.split(":")[1:]
    resource = getattr(getattr(azure_native, module), kind)

    assert "tags" not in inspect.signature(resource._internal_init).parameters
