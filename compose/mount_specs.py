"""Makes the mounts of a service."""

from collections.abc import Callable
from typing import Any

from compose import errors, model, objects

_OPTION_GROUPS = ("bind", "volume", "tmpfs", "image")


def make_mounts(project: model.Project, service: str, volumes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gives a `Mount` for every volume of a service, in the file's order."""
    made = []
    for index, volume in enumerate(volumes):
        try:
            made.append(_make_mount(project, volume))
        except errors.Refusal as refusal:
            raise project.refuse(("services", service, "volumes", index, *refusal.path), refusal.text) from refusal
    return made


def _make_mount(project: model.Project, volume: dict[str, Any]) -> dict[str, Any]:
    kind = volume.get("type") or "volume"
    make = _MAKERS.get(kind)
    if make is None:
        raise errors.expected(f"a volume of one of the types {', '.join(sorted(_MAKERS))}", kind)
    return make(project, volume)


def _common(volume: dict[str, Any], *groups: str) -> dict[str, Any]:
    """Gives the fields that all types have; options of a type that is not among `groups` are refused."""
    kind = volume.get("type") or "volume"
    for group in _OPTION_GROUPS:
        if group in volume and group not in groups:
            raise errors.Refusal(f"does not go with a volume of type {kind}.", (group,))
    fields = {"Type": kind, "Source": volume.get("source"), "Target": volume.get("target")}
    optional = {"ReadOnly": volume.get("read_only"), "Consistency": volume.get("consistency")}
    return {field: value for field, value in (fields | optional).items() if value}


def _make_volume(project: model.Project, volume: dict[str, Any]) -> dict[str, Any]:
    mount = _common(volume, "volume")
    if not volume.get("source"):
        return mount
    declared = _declared(project, volume["source"])
    mount["Source"] = objects.object_name(project, "volumes", volume["source"])
    mount["VolumeOptions"] = _volume_options(volume.get("volume", {}))
    if not declared.get("external"):
        mount["VolumeOptions"]["Labels"] = objects.stack_labels(project, declared.get("labels"))
        mount["VolumeOptions"] |= _driver(declared)
    return mount


def _declared(project: model.Project, source: str) -> dict[str, Any]:
    if source not in project.volumes:
        raise errors.Refusal(f"must be declared under the top-level volumes; {errors.show(source)} is not.")
    return project.volumes[source]


def _volume_options(options: dict[str, Any]) -> dict[str, Any]:
    fields = {"NoCopy": options.get("nocopy"), "Subpath": options.get("subpath")}
    return {field: value for field, value in fields.items() if value}


def _driver(declared: dict[str, Any]) -> dict[str, Any]:
    fields = {"Name": declared.get("driver"), "Options": declared.get("driver_opts")}
    if not fields["Name"] and fields["Options"] is None:
        return {}
    return {"DriverConfig": {field: value for field, value in fields.items() if value}}


def _make_bind(project: model.Project, volume: dict[str, Any]) -> dict[str, Any]:
    mount = _common(volume, "bind")
    _need_source(volume)
    if "bind" in volume:
        propagation = volume["bind"].get("propagation")
        mount["BindOptions"] = {"Propagation": propagation} if propagation else {}
    return mount


def _make_tmpfs(project: model.Project, volume: dict[str, Any]) -> dict[str, Any]:
    mount = _common(volume, "tmpfs")
    if volume.get("source"):
        raise errors.Refusal("has no place in a volume of type tmpfs.", ("source",))
    if "tmpfs" in volume:
        fields = {"SizeBytes": volume["tmpfs"].get("size"), "Mode": volume["tmpfs"].get("mode")}
        mount["TmpfsOptions"] = {field: value for field, value in fields.items() if value}
    return mount


def _make_image(project: model.Project, volume: dict[str, Any]) -> dict[str, Any]:
    mount = _common(volume, "image")
    _need_source(volume)
    subpath = volume.get("image", {}).get("subpath")
    return mount | ({"ImageOptions": {"Subpath": subpath}} if subpath else {})


def _make_cluster(project: model.Project, volume: dict[str, Any]) -> dict[str, Any]:
    mount = _common(volume)
    _need_source(volume)
    if not volume["source"].startswith("group:"):
        _declared(project, volume["source"])
        mount["Source"] = objects.object_name(project, "volumes", volume["source"])
    return mount | {"ClusterOptions": {}}


def _need_source(volume: dict[str, Any]) -> None:
    if not volume.get("source"):
        raise errors.Refusal(f"must have a source, since its type is {volume.get('type')}.")


_MAKERS: dict[str, Callable[[model.Project, dict[str, Any]], dict[str, Any]]] = {
    "volume": _make_volume,
    "bind": _make_bind,
    "npipe": _make_bind,
    "tmpfs": _make_tmpfs,
    "cluster": _make_cluster,
    "image": _make_image,
}
