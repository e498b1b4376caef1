"""The rules of ARCHITECTURE.md: who may import whom, and what only one place may do."""

import pytest

from tests.unit import source_files

_SDK = "providers.swarm.sdk"
# What constraints and names mean; the program asks it of planned nodes, the provider of real ones.
_SHARED = ("providers.swarm.placement", "providers.swarm.host_names")
_CODE = ("__main__.py", "arm", "cloud_init", "components", "compose", "policy", "providers", "sandbox", "stacks")
# These come with the sandbox and go with it (tests/unit/conftest.py).
_SANDBOX_TESTS = ("tests/unit/sandbox",)


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        ("__main__.py", ["stacks"]),
        ("stacks", ["stacks", "components", "compose", _SDK]),
        ("components", ["components", "compose", "cloud_init", _SDK, *_SHARED]),
        ("arm", ["arm"]),
        ("compose", ["compose"]),
        ("cloud_init", ["cloud_init"]),
        ("policy", ["policy", "components.checks"]),
        ("providers/swarm/sdk", [_SDK]),
        ("providers/swarm", ["providers.swarm", "providers.kit"]),
        ("providers/kit", ["providers.kit"]),
        ("sandbox", ["sandbox", "providers.kit"]),
    ],
)
def test_a_part_imports_only_what_lies_below_it(place: str, allowed: list[str]) -> None:
    files = source_files.list_files_in(place)

    assert source_files.find_foreign_imports(files, *allowed) == []


@pytest.mark.parametrize(
    "place",
    [
        "arm",
        "compose",
        "cloud_init",
        "components/checks.py",
        "components/images.py",
        "components/networks.py",
        "components/sizes.py",
        "components/placement.py",
        "providers/swarm/placement.py",
        "providers/swarm/host_names.py",
    ],
)
def test_what_is_pure_knows_no_pulumi(place: str) -> None:
    files = source_files.list_files_in(place)

    assert source_files.find_imports(files, "pulumi", "pulumi_azure_native", "pulumi_docker") == []


@pytest.mark.parametrize("part", ["sandbox", "policy", "tests", "__main__"])
def test_nothing_else_imports_it(part: str) -> None:
    others = [file for file in source_files.list_files_in(*_CODE) if not file.startswith(part)]

    assert source_files.find_imports(others, part) == []


def test_no_program_touches_the_cloud_but_through_components() -> None:
    files = source_files.list_files_in("__main__.py", "stacks")

    assert source_files.find_imports(files, "pulumi_azure_native", "pulumi_docker") == []


def test_only_the_pack_knows_crossguard() -> None:
    files = source_files.list_files_in("policy", "tools")

    assert {line.partition(":")[0] for line in source_files.find_imports(files, "pulumi_policy", "pulumi")} == {
        "policy/__main__.py",
        "policy/pack.py",
        "tools/answers.py",
        "tools/recording.py",
    }


def test_unit_tests_need_no_sandbox() -> None:
    of_the_sandbox = source_files.list_files_in(*_SANDBOX_TESTS)
    others = [file for file in source_files.list_files_in("tests/unit") if file not in of_the_sandbox]

    assert source_files.find_imports(others, "sandbox") == []


def test_only_settings_read_the_config() -> None:
    files = source_files.list_files_in(*_CODE)

    assert source_files.find_names(files, "pulumi.Config") == ["stacks/settings.py"]


def test_only_stacks_export_outputs() -> None:
    files = source_files.list_files_in(*_CODE)

    assert source_files.find_names(files, "pulumi.export") == ["stacks/platform.py"]


def test_only_the_kits_wire_module_imports_property_values() -> None:
    files = [file for file in source_files.list_files_in(*_CODE) if file != "providers/kit/wire.py"]

    assert source_files.find_imports(files, "pulumi.provider.experimental.property_value") == []


def test_only_the_kit_knows_the_experimental_provider() -> None:
    files = [file for file in source_files.list_files_in(*_CODE) if not file.startswith("providers/kit/")]

    assert source_files.find_imports(files, "pulumi.provider") == []


@pytest.mark.parametrize("package", source_files.list_packages())
def test_a_package_exports_its_public_names(package: str) -> None:
    assert source_files.list_exported_names(package) == source_files.list_public_names(package)


@pytest.mark.parametrize(
    ("file", "module", "line"),
    [
        ("stacks/platform.py", "components", "stacks/platform.py: components.access"),
        ("stacks/platform.py", "compose", "stacks/platform.py: compose"),
        ("components/network.py", "pulumi_azure_native", "components/network.py: pulumi_azure_native.network"),
        ("providers/swarm/sdk/objects.py", "providers", "providers/swarm/sdk/objects.py: providers.swarm.sdk._wire"),
    ],
)
def test_imports_of_every_form_are_seen(file: str, module: str, line: str) -> None:
    assert line in source_files.find_imports([file], module)
