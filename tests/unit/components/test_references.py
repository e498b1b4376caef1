"""References in specs, as services carry them over the wire."""

from typing import Any

import compose
from components import compose_stack
from tests.unit import deploying
from tests.unit.components import building


def _resolve(service: dict[str, Any], **objects: Any) -> dict[str, Any]:
    model: compose.Converted = building.make_model(services={"web": service}, **objects)
    deployed = deploying.deploy(
        lambda: compose_stack.ComposeStack("shop", {"cluster": building.create_cluster(), "model": model})
    )
    return dict(deployed.one("swarm:index:Service").inputs["spec"]["TaskTemplate"])


def test_a_network_is_referred_to_by_its_id() -> None:
    service = building.make_service()
    service["TaskTemplate"]["Networks"] = [{"Target": "net:shop_inside", "Aliases": ["web"]}]

    task = _resolve(service, networks={"inside": {"Name": "shop_inside"}})

    assert task["Networks"] == [{"Target": "id-of-shop_inside", "Aliases": ["web"]}]


def test_a_config_is_referred_to_by_id_and_by_the_name_with_its_hash() -> None:
    reference = {"File": {"Name": "/c"}, "ConfigID": "config:shop_c", "ConfigName": "shop_c"}

    task = _resolve(building.make_service(Configs=[reference]), configs={"c": building.make_object("shop_c")})

    assert task["ContainerSpec"]["Configs"] == [
        {"File": {"Name": "/c"}, "ConfigID": "id-of-shop_c", "ConfigName": "shop_c-hash"}
    ]


def test_a_secret_is_referred_to_by_id_and_by_the_name_with_its_hash() -> None:
    reference = {"File": {"Name": "s"}, "SecretID": "secret:shop_s", "SecretName": "shop_s"}

    task = _resolve(building.make_service(Secrets=[reference]), secrets={"s": building.make_object("shop_s")})

    assert task["ContainerSpec"]["Secrets"] == [
        {"File": {"Name": "s"}, "SecretID": "id-of-shop_s", "SecretName": "shop_s-hash"}
    ]


def test_a_credential_is_referred_to_by_its_id() -> None:
    privileges = {"CredentialSpec": {"Config": "config:shop_c"}}

    task = _resolve(building.make_service(Privileges=privileges), configs={"c": building.make_object("shop_c")})

    assert task["ContainerSpec"]["Privileges"] == {"CredentialSpec": {"Config": "id-of-shop_c"}}


def test_what_is_not_ours_stays_a_reference_by_name() -> None:
    service = building.make_service(
        Configs=[{"ConfigID": "config:c", "ConfigName": "c"}],
        Secrets=[{"SecretID": "secret:s", "SecretName": "s"}],
        Privileges={"CredentialSpec": {"Config": "config:c"}},
    )
    service["TaskTemplate"]["Networks"] = [{"Target": "net:host"}]

    task = _resolve(service)

    assert task["Networks"] == [{"Target": "net:host"}]
    assert task["ContainerSpec"]["Configs"] == [{"ConfigID": "config:c", "ConfigName": "c"}]
    assert task["ContainerSpec"]["Secrets"] == [{"SecretID": "secret:s", "SecretName": "s"}]
    assert task["ContainerSpec"]["Privileges"] == {"CredentialSpec": {"Config": "config:c"}}


def test_a_label_that_looks_like_a_reference_stays() -> None:
    labels = {"Target": "net:shop_inside", "ConfigID": "config:shop_c"}

    task = _resolve(building.make_service(Labels=labels), networks={"inside": {"Name": "shop_inside"}})

    assert task["ContainerSpec"]["Labels"] == labels


def test_the_models_own_spec_stays_as_it_was() -> None:
    service = building.make_service()
    service["TaskTemplate"]["Networks"] = [{"Target": "net:shop_inside"}]

    _resolve(service, networks={"inside": {"Name": "shop_inside"}})

    assert service["TaskTemplate"]["Networks"] == [{"Target": "net:shop_inside"}]
