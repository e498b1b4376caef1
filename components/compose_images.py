"""The images of a compose file: those that are built here, and the account by which nodes pull from the registry."""

from collections.abc import Mapping

import pulumi

import compose
from components import container_image, naming, private_registry

_DIGEST_WISH = "IMAGE_DIGEST=pinned"


def build_images(
    parent: pulumi.Resource,
    name: str,
    builds: Mapping[str, compose.Build],
    registry: "private_registry.PrivateRegistry | None",
) -> dict[str, container_image.ContainerImage]:
    """Builds and pushes an image for every service with a `build` section."""
    # Images of one application mostly share a base: with the first one pushed, the others take it from there.
    built: dict[str, container_image.ContainerImage] = {}
    if registry is None:
        return built
    for service, build in builds.items():
        args: container_image.ContainerImageArgs = {
            "registry": registry,
            "repository": naming.make_repository(name, service),
            "context": str(build.context),
            "dockerfile": build.dockerfile,
            "build_args": build.args,
            "target": build.target,
        }
        if built:
            args["after"] = next(iter(built.values()))
        options = pulumi.ResourceOptions(parent=parent)
        built[service] = container_image.ContainerImage(f"{name}-{service}", args, options)
    return built


def pin_digest(entry: str, image: container_image.ContainerImage | None) -> pulumi.Input[str]:
    """Tells a container its own digest where the file asks for it: Docker has no template for that."""
    wished = image is not None and entry == _DIGEST_WISH
    return pulumi.Output.concat("IMAGE_DIGEST=", image.digest) if image is not None and wished else entry


def make_login(registry: "private_registry.PrivateRegistry") -> dict[str, pulumi.Input[str]]:
    """Gives the registry's account as the Engine API takes it."""
    return {
        "username": registry.username,
        "password": registry.password,
        "serveraddress": registry.server,
    }


def find_login(registry: "private_registry.PrivateRegistry", image: str) -> pulumi.Output[dict[str, str] | None]:
    """Gives the registry's account where the image comes from that registry; none where it comes from another one."""
    account = pulumi.Output.all(**make_login(registry))
    return account.apply(lambda found: found if image.startswith(f"{found['serveraddress']}/") else None)


def names_registry(image: str) -> bool:
    """Tells whether an image names its registry; one without comes from Docker Hub."""
    host, found, _ = image.partition("/")
    return bool(found) and (host == "localhost" or "." in host or ":" in host)
