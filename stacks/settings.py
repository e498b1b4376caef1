"""The settings of a stack: Pulumi config, read once, checked, as frozen values. The schema stands in Pulumi.yaml."""

import dataclasses
import datetime
import pathlib
import re
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

import pulumi

from components import checks, errors, images
from stacks import combinations

_APPLICATION = re.compile(r"([a-z][a-z0-9-]{0,30})=(.+)")
_JUMP_HOSTS = 1
_DOCKER_SOURCES = ("debian", "docker")
_DIALECTS = ("auto", "stack", "spec")
SWARM, HOST = "swarm", "host"
_TARGETS = (SWARM, HOST)
_T = TypeVar("_T")


class SettingError(errors.ComponentError):
    """A setting was refused: the key and where it stands, what is expected, what came."""

    def __init__(self, key: str, expected: str, got: object) -> None:
        stack, project = pulumi.get_stack(), pulumi.get_project()
        super().__init__(f"Pulumi.{stack}.yaml: {project}:{key} must be {expected}; got {errors.show(got)}.")


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


class Source(Protocol):
    """What is asked of `pulumi.Config`; its getters raise a `ConfigTypeError` when the value is of another type."""

    def get(self, key: str) -> str | None:
        """Gives a string."""

    def get_int(self, key: str) -> int | None:
        """Gives an integer."""

    def get_bool(self, key: str) -> bool | None:
        """Gives a boolean."""

    def get_object(self, key: str) -> object:
        """Gives a JSON value."""


def load() -> Settings:
    """Reads the settings of the selected stack. Raises `SettingError`."""
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
        raise SettingError(unknown, f"a setting that Pulumi.yaml declares ({', '.join(list_keys())})", unknown)


def read(source: Source) -> Settings:
    """Reads and checks settings."""
    settings = Settings(
        location=_checked(source, "location", checks.expected_location),
        address_space=_checked(source, "addressSpace", checks.expected_address_space),
        host_subnet=_checked(source, "hostSubnet", checks.expected_address_space),
        operator_networks=_texts(source, "operatorNetworks", checks.expected_operator_network),
        managers=_number(source, "managers"),
        workers=_number(source, "workers"),
        max_unavailable=_number(source, "maxUnavailable"),
        manager_size=_checked(source, "managerSize", checks.expected_size),
        worker_size=_checked(source, "workerSize", checks.expected_size),
        jump_size=_checked(source, "jumpSize", checks.expected_size),
        jump_image=_checked(source, "jumpImage", images.expected_cloud_init_image),
        manager_fallback_sizes=_texts(source, "managerFallbackSizes", checks.expected_size),
        worker_fallback_sizes=_texts(source, "workerFallbackSizes", checks.expected_size),
        host_sizes=_map(source, "hostSizes", checks.expected_host_sizes),
        zones=_texts(source, "zones", _expected_zone),
        availability_sets=_flag(source, "availabilitySets"),
        drained_hosts=_texts(source, "drainedHosts", lambda _text: None),
        host_image=_checked(source, "hostImage", images.expected_image),
        host_disk_gib=_checked_number(source, "hostDiskGib", checks.expected_disk_size),
        host_disk_type=_checked(source, "hostDiskType", checks.expected_disk_type),
        registry_sku=_checked(source, "registrySku", checks.expected_registry_sku),
        registry_name=_checked(source, "registryName", checks.expected_registry_name),
        encryption_at_host=_flag(source, "encryptionAtHost"),
        docker_source=_checked(source, "dockerSource", _expected_docker_source),
        docker_version=_checked(source, "dockerVersion", checks.expected_docker_version),
        unattended_upgrades=_flag(source, "unattendedUpgrades"),
        protect=_flag(source, "protect"),
        tags=_map(source, "tags", checks.expected_tags),
        lock=_flag(source, "lock"),
        monthly_budget=_number(source, "monthlyBudget"),
        budget_contacts=_texts(source, "budgetContacts", checks.expected_mail_address),
        log_analytics=_flag(source, "logAnalytics"),
        log_retention_days=_checked_number(source, "logRetentionDays", checks.expected_retention),
        log_daily_gb=_checked_number(source, "logDailyGb", checks.expected_daily_quota),
        key_vault=_flag(source, "keyVault"),
        key_vault_name=_checked(source, "keyVaultName", checks.expected_vault_name),
        secret_expiry=_day(source, "secretExpiry"),
        access=_checked(source, "access", checks.expected_way_in),
        proxy_command=_text(source, "proxyCommand"),
        subnet_id=_checked(source, "subnetId", checks.expected_subnet_id),
        compose_target=_checked(source, "composeTarget", _expected_target),
        compose_dialect=_checked(source, "composeDialect", _expected_dialect),
        compose_strict=_flag(source, "composeStrict"),
        compose_allow_outside=_flag(source, "composeAllowOutside"),
        applications=tuple(_application(text) for text in _texts(source, "applications", _expected_application)),
    )
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    expected = checks.expected_manager_count(settings.managers)
    if expected is not None:
        raise SettingError("managers", expected, settings.managers)
    if settings.workers < 0:
        raise SettingError("workers", "0 or more", settings.workers)
    expected = checks.expected_max_unavailable(settings.max_unavailable)
    if expected is not None:
        raise SettingError("maxUnavailable", expected, settings.max_unavailable)
    _check_sizes(settings)
    expected = checks.expected_spread(settings.zones, settings.availability_sets)
    if expected is not None:
        raise SettingError("availabilitySets", "false where there are zones", settings.availability_sets)
    _check_docker(settings)
    _check_access(settings)
    _check_target(settings)
    _check_subnet(settings)
    _check_drained(settings)
    if not settings.operator_networks:
        raise SettingError("operatorNetworks", "a list of at least one network", [])
    _check_budget(settings)
    if settings.key_vault and settings.secret_expiry is None:
        raise SettingError("secretExpiry", "a day such as '2027-11-30' where keyVault is true", "")
    for refused in combinations.list_refusals(settings, datetime.datetime.now(datetime.UTC).date()):
        raise SettingError(*refused)
    names = [application.name for application in settings.applications]
    if len(set(names)) != len(names):
        raise SettingError("applications", "one entry for every name", names)


def _check_sizes(settings: Settings) -> None:
    hosts = [*settings.list_hosts("manager"), *settings.list_hosts("worker")]
    for name in settings.host_sizes:
        if name not in hosts:
            raise SettingError("hostSizes", f"by the names {', '.join(hosts)}", name)


def _check_docker(settings: Settings) -> None:
    if (settings.docker_source == "docker") is not bool(settings.docker_version):
        expected = "given with dockerSource docker, and '' with dockerSource debian"
        raise SettingError("dockerVersion", expected, settings.docker_version)
    refused = images.expected_docker_source(settings.host_image, settings.docker_version)
    if refused is not None:
        raise SettingError("dockerVersion", refused, settings.docker_version)


def _check_budget(settings: Settings) -> None:
    expected = checks.expected_amount(settings.monthly_budget)
    if settings.monthly_budget != 0 and expected is not None:
        raise SettingError("monthlyBudget", f"0 for none, or {expected}", settings.monthly_budget)
    if settings.monthly_budget > 0 and not settings.budget_contacts:
        raise SettingError("budgetContacts", "at least one e-mail address where monthlyBudget is not 0", [])


def _check_target(settings: Settings) -> None:
    if settings.compose_target == HOST and settings.managers != 1:
        raise SettingError("managers", "1 where composeTarget is host", settings.managers)
    if settings.compose_target == HOST and settings.workers != 0:
        raise SettingError("workers", "0 where composeTarget is host", settings.workers)


def _check_subnet(settings: Settings) -> None:
    hosts = settings.managers + settings.workers + _JUMP_HOSTS
    space, subnet = settings.address_space, settings.host_subnet
    # A subnet that exists has a network of its own.
    inside = None if settings.subnet_id else checks.expected_inside(subnet, space)
    beside = checks.expected_room_for_bastion(space, subnet) if settings.access == "bastion" else None
    for expected in (inside, checks.expected_room(subnet, hosts), beside):
        if expected is not None:
            raise SettingError("hostSubnet", expected, subnet)


def _check_access(settings: Settings) -> None:
    expected = checks.expected_way_into(settings.access, settings.subnet_id)
    if expected is not None:
        raise SettingError("access", expected, settings.access)
    expected = checks.expected_proxy_command(settings.proxy_command, settings.access)
    if expected is not None:
        raise SettingError("proxyCommand", expected, settings.proxy_command)


def _check_drained(settings: Settings) -> None:
    hosts = [*settings.list_hosts("manager"), *settings.list_hosts("worker")]
    for index, name in enumerate(settings.drained_hosts):
        if name not in hosts:
            raise SettingError(f"drainedHosts[{index}]", f"one of {', '.join(hosts)}", name)
    reached = settings.list_hosts("worker") or hosts
    if set(reached) <= set(settings.drained_hosts):
        expected = f"a list without one of {', '.join(reached)}, to which connections go"
        raise SettingError("drainedHosts", expected, list(settings.drained_hosts))


def _text(source: Source, key: str) -> str:
    value = _typed(key, "a string", lambda: source.get(key))
    if value is None:
        raise SettingError(key, "a string", None)
    return value


def _checked(source: Source, key: str, check: Callable[[str], str | None]) -> str:
    value = _text(source, key)
    expected = check(value)
    if expected is not None:
        raise SettingError(key, expected, value)
    return value


def _number(source: Source, key: str) -> int:
    value = _typed(key, "a whole number", lambda: source.get_int(key))
    if value is None:
        raise SettingError(key, "a whole number", None)
    return value


def _checked_number(source: Source, key: str, check: Callable[[object], str | None]) -> int:
    value = _number(source, key)
    expected = check(value)
    if expected is not None:
        raise SettingError(key, expected, value)
    return value


def _flag(source: Source, key: str) -> bool:
    value = _typed(key, "true or false", lambda: source.get_bool(key))
    if value is None:
        raise SettingError(key, "true or false", None)
    return value


def _texts(source: Source, key: str, check: Callable[[str], str | None]) -> tuple[str, ...]:
    value = _typed(key, "a list of strings", lambda: source.get_object(key))
    if not isinstance(value, list):
        raise SettingError(key, "a list of strings", value)
    for index, item in enumerate(value):
        expected = check(item) if isinstance(item, str) else "a string"
        if expected is not None:
            raise SettingError(f"{key}[{index}]", expected, item)
    if len(set(value)) != len(value):
        raise SettingError(key, "a list without repetitions", value)
    return tuple(value)


def _day(source: Source, key: str) -> datetime.date | None:
    text = _text(source, key)
    expected = checks.expected_day(text) if text else None
    if expected is not None:
        raise SettingError(key, expected, text)
    return datetime.date.fromisoformat(text) if text else None


def _map(source: Source, key: str, check: Callable[[object], str | None]) -> dict[str, str]:
    value = _typed(key, "a map of strings", lambda: source.get_object(key))
    expected = "a map of strings" if not isinstance(value, dict) else check(value)
    if expected is not None:
        raise SettingError(key, expected, value)
    return value if isinstance(value, dict) else {}


def _typed(key: str, expected: str, get: Callable[[], _T]) -> _T:
    try:
        return get()
    except pulumi.ConfigTypeError as error:
        raise SettingError(key, expected, error.value) from error


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
