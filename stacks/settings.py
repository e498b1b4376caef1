"""The settings of a stack: Pulumi config, read once, checked, as frozen values. The schema stands in Pulumi.yaml."""

import dataclasses
import datetime
import pathlib
import re
from collections.abc import Iterable

import pulumi

import compose
from components import checks, images
from stacks import combinations, config_values

_APPLICATION = re.compile(rf"({compose.STACK_NAME})=(.+)")
_JUMP_HOSTS = 1
_DOCKER_SOURCES = ("debian", "docker")
_DIALECTS = ("auto", "stack", "spec")
SWARM, HOST = "swarm", "host"
_TARGETS = (SWARM, HOST)


@dataclasses.dataclass(frozen=True)
class Application:
    """A compose file under a stack name."""

    name: str
    file: pathlib.Path


@dataclasses.dataclass(frozen=True)
class Settings:
    """What differs per environment; every field is a key of the schema in Pulumi.yaml, in camelCase there."""

    location: str
    address_space: str
    host_subnet: str
    operator_networks: tuple[str, ...]
    managers: int
    workers: int
    max_unavailable: int
    manager_size: str
    worker_size: str
    jump_size: str
    jump_image: str
    manager_fallback_sizes: tuple[str, ...]
    worker_fallback_sizes: tuple[str, ...]
    host_sizes: dict[str, str]
    zones: tuple[str, ...]
    availability_sets: bool
    drained_hosts: tuple[str, ...]
    host_image: str
    host_disk_gib: int
    host_disk_type: str
    registry_sku: str
    registry_name: str
    encryption_at_host: bool
    docker_source: str
    docker_version: str
    unattended_upgrades: bool
    protect: bool
    tags: dict[str, str]
    lock: bool
    monthly_budget: int
    budget_contacts: tuple[str, ...]
    log_analytics: bool
    log_retention_days: int
    log_daily_gb: int
    key_vault: bool
    key_vault_name: str
    secret_expiry: datetime.date | None
    access: str
    proxy_command: str
    subnet_id: str
    compose_target: str
    compose_dialect: str
    compose_strict: bool
    compose_allow_outside: bool
    applications: tuple[Application, ...]

    def zone(self, index: int) -> str:
        """Gives the zone of the host with this index: always the same, or adding a host would move others."""
        return self.zones[index % len(self.zones)] if self.zones else ""

    def size(self, role: str, index: int) -> str:
        """Gives the size of a host: its own, or its role's."""
        usual = self.manager_size if role == "manager" else self.worker_size
        return self.host_sizes.get(f"{role}-{index}", usual)

    def list_hosts(self, role: str) -> list[str]:
        """Lists the logical names of the hosts of a role, manager or worker."""
        count = self.managers if role == "manager" else self.workers
        return [f"{role}-{index}" for index in range(count)]


def load() -> Settings:
    """Reads the settings of the selected stack. Raises a `config_values.SettingError`."""
    config = pulumi.Config()
    refuse_unknown_keys(config.name, pulumi.runtime.config.CONFIG.get())
    return read(config)


def list_keys() -> list[str]:
    """Lists the keys of the settings, as the schema in Pulumi.yaml has them."""
    return sorted(re.sub("_(.)", lambda found: found[1].upper(), one.name) for one in dataclasses.fields(Settings))


def refuse_unknown_keys(project: str, given: Iterable[str]) -> None:
    """Raises a `SettingError` for a key of the project that is no setting: a misspelt one would have no effect."""
    keys = {key.removeprefix(f"{project}:") for key in given if key.startswith(f"{project}:")}
    for unknown in sorted(keys - set(list_keys())):
        raise config_values.SettingError(
            unknown, f"a setting that Pulumi.yaml declares ({', '.join(list_keys())})", unknown
        )


def read(source: config_values.Source) -> Settings:
    """Reads and checks settings."""
    given = config_values.Values(source)
    settings = Settings(
        location=given.checked("location", checks.expected_location),
        address_space=given.checked("addressSpace", checks.expected_address_space),
        host_subnet=given.checked("hostSubnet", checks.expected_address_space),
        operator_networks=given.texts("operatorNetworks", checks.expected_operator_network),
        managers=given.number("managers"),
        workers=given.number("workers"),
        max_unavailable=given.number("maxUnavailable"),
        manager_size=given.checked("managerSize", checks.expected_size),
        worker_size=given.checked("workerSize", checks.expected_size),
        jump_size=given.checked("jumpSize", checks.expected_size),
        jump_image=given.checked("jumpImage", images.expected_cloud_init_image),
        manager_fallback_sizes=given.texts("managerFallbackSizes", checks.expected_size),
        worker_fallback_sizes=given.texts("workerFallbackSizes", checks.expected_size),
        host_sizes=given.map("hostSizes", checks.expected_host_sizes),
        zones=given.texts("zones", _expected_zone),
        availability_sets=given.flag("availabilitySets"),
        drained_hosts=given.texts("drainedHosts", lambda _text: None),
        host_image=given.checked("hostImage", images.expected_image),
        host_disk_gib=given.checked_number("hostDiskGib", checks.expected_disk_size),
        host_disk_type=given.checked("hostDiskType", checks.expected_disk_type),
        registry_sku=given.checked("registrySku", checks.expected_registry_sku),
        registry_name=given.checked("registryName", checks.expected_registry_name),
        encryption_at_host=given.flag("encryptionAtHost"),
        docker_source=given.checked("dockerSource", _expected_docker_source),
        docker_version=given.checked("dockerVersion", checks.expected_docker_version),
        unattended_upgrades=given.flag("unattendedUpgrades"),
        protect=given.flag("protect"),
        tags=given.map("tags", checks.expected_tags),
        lock=given.flag("lock"),
        monthly_budget=given.number("monthlyBudget"),
        budget_contacts=given.texts("budgetContacts", checks.expected_mail_address),
        log_analytics=given.flag("logAnalytics"),
        log_retention_days=given.checked_number("logRetentionDays", checks.expected_retention),
        log_daily_gb=given.checked_number("logDailyGb", checks.expected_daily_quota),
        key_vault=given.flag("keyVault"),
        key_vault_name=given.checked("keyVaultName", checks.expected_vault_name),
        secret_expiry=given.day("secretExpiry"),
        access=given.checked("access", checks.expected_way_in),
        proxy_command=given.text("proxyCommand"),
        subnet_id=given.checked("subnetId", checks.expected_subnet_id),
        compose_target=given.checked("composeTarget", _expected_target),
        compose_dialect=given.checked("composeDialect", _expected_dialect),
        compose_strict=given.flag("composeStrict"),
        compose_allow_outside=given.flag("composeAllowOutside"),
        applications=tuple(_application(text) for text in given.texts("applications", _expected_application)),
    )
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    config_values.refuse("managers", settings.managers, checks.expected_manager_count(settings.managers))
    if settings.workers < 0:
        raise config_values.SettingError("workers", "0 or more", settings.workers)
    most = settings.max_unavailable
    config_values.refuse("maxUnavailable", most, checks.expected_max_unavailable(most))
    _check_sizes(settings)
    expected = checks.expected_spread(settings.zones, settings.availability_sets)
    if expected is not None:
        raise config_values.SettingError("availabilitySets", "false where there are zones", settings.availability_sets)
    _check_docker(settings)
    _check_access(settings)
    _check_target(settings)
    _check_subnet(settings)
    _check_drained(settings)
    for refused in combinations.list_refusals(settings, datetime.datetime.now(datetime.UTC).date()):
        raise config_values.SettingError(*refused)
    names = [application.name for application in settings.applications]
    if len(set(names)) != len(names):
        raise config_values.SettingError("applications", "one entry for every name", names)


def _check_sizes(settings: Settings) -> None:
    hosts = [*settings.list_hosts("manager"), *settings.list_hosts("worker")]
    for name in settings.host_sizes:
        if name not in hosts:
            raise config_values.SettingError("hostSizes", f"by the names {', '.join(hosts)}", name)


def _check_docker(settings: Settings) -> None:
    if (settings.docker_source == "docker") is not bool(settings.docker_version):
        expected = "given with dockerSource docker, and '' with dockerSource debian"
        raise config_values.SettingError("dockerVersion", expected, settings.docker_version)
    version = settings.docker_version
    config_values.refuse("dockerVersion", version, images.expected_docker_source(settings.host_image, version))


def _check_target(settings: Settings) -> None:
    if settings.compose_target == HOST and settings.managers != 1:
        raise config_values.SettingError("managers", "1 where composeTarget is host", settings.managers)
    if settings.compose_target == HOST and settings.workers != 0:
        raise config_values.SettingError("workers", "0 where composeTarget is host", settings.workers)


def _check_subnet(settings: Settings) -> None:
    hosts = settings.managers + settings.workers + _JUMP_HOSTS
    space, subnet = settings.address_space, settings.host_subnet
    # A subnet that exists has a network of its own.
    inside = None if settings.subnet_id else checks.expected_inside(subnet, space)
    beside = checks.expected_room_for_bastion(space, subnet) if settings.access == "bastion" else None
    for expected in (inside, checks.expected_room(subnet, hosts), beside):
        config_values.refuse("hostSubnet", subnet, expected)


def _check_access(settings: Settings) -> None:
    config_values.refuse("access", settings.access, checks.expected_way_into(settings.access, settings.subnet_id))
    command = settings.proxy_command
    config_values.refuse("proxyCommand", command, checks.expected_proxy_command(command, settings.access))


def _check_drained(settings: Settings) -> None:
    hosts = [*settings.list_hosts("manager"), *settings.list_hosts("worker")]
    for index, name in enumerate(settings.drained_hosts):
        if name not in hosts:
            raise config_values.SettingError(f"drainedHosts[{index}]", f"one of {', '.join(hosts)}", name)
    reached = settings.list_hosts("worker") or hosts
    if set(reached) <= set(settings.drained_hosts):
        expected = f"a list without one of {', '.join(reached)}, to which connections go"
        raise config_values.SettingError("drainedHosts", expected, list(settings.drained_hosts))


def _expected_dialect(text: str) -> str | None:
    return None if text in _DIALECTS else f"one of {', '.join(_DIALECTS)}"


def _expected_docker_source(text: str) -> str | None:
    return None if text in _DOCKER_SOURCES else f"one of {', '.join(_DOCKER_SOURCES)}"


def _expected_target(text: str) -> str | None:
    return None if text in _TARGETS else f"one of {', '.join(_TARGETS)}"


def _expected_zone(text: str) -> str | None:
    return "one of '1', '2', '3'" if checks.expected_zones([text]) else None


def _expected_application(text: str) -> str | None:
    found = _APPLICATION.fullmatch(text)
    if found is None:
        return (
            "name=compose file, such as 'shop=apps/shop/compose.yaml', the name of lower-case letters, digits and '-'"
        )
    return None if pathlib.Path(found[2]).is_file() else "the path of a compose file that exists"


def _application(text: str) -> Application:
    name, file = text.split("=", 1)
    return Application(name, pathlib.Path(file))
