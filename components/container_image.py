"""An image built here, pushed to the private registry and known by its digest."""

import hashlib
import os
import pathlib
from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_docker as docker

from components import checks, inputs, private_registry

_TAG_DIGITS = 12


class ContainerImageArgs(TypedDict):
    """What a `ContainerImage` takes."""

    registry: "private_registry.PrivateRegistry"
    """Where it is pushed."""
    repository: str
    """Its name in the registry, such as shop/web."""
    context: str
    """The folder that is sent to the engine."""
    dockerfile: NotRequired[str]
    """The Dockerfile, relative to the context; default Dockerfile."""
    build_args: NotRequired[Mapping[str, str]]
    """Build arguments; default none."""
    target: NotRequired[str]
    """The stage to build; default the last one."""
    after: NotRequired["ContainerImage"]
    """An image that is pushed first, so that layers which both have are sent once; default none."""


class ContainerImage(pulumi.ComponentResource):
    """`reference` is server/repository@digest; the tag is a hash of the context, so old versions stay for rollback."""

    reference: pulumi.Output[str]
    digest: pulumi.Output[str]
    pushed: docker.RegistryImage

    def __init__(self, name: str, args: ContainerImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        dockerfile = args.get("dockerfile", "Dockerfile")
        context = pathlib.Path(args["context"])
        build_args, target = dict(args.get("build_args", {})), args.get("target", "")
        content = hash_context(context, [(context / dockerfile).read_text(), target, repr(sorted(build_args.items()))])
        super().__init__("azure-swarm:components:ContainerImage", name, {"content": content}, opts)
        registry = args["registry"]
        repository = pulumi.Output.concat(registry.server, "/", args["repository"])
        options = pulumi.ResourceOptions(parent=self, provider=registry.docker)
        built = docker.RemoteImage(
            f"{name}-build",
            name=pulumi.Output.concat(repository, ":", content),
            build={
                # Relative to the project, where the plugin runs: two checkouts of one commit build one image.
                "context": os.path.relpath(context),
                "dockerfile": dockerfile,
                "build_args": build_args,
                "target": target,
            },
            triggers={"content": content},
            opts=options,
        )
        self.pushed = self._push(name, built, content, args)
        self.digest = self.pushed.sha256_digest
        self.reference = pulumi.Output.concat(repository, "@", self.digest)
        self.register_outputs({"reference": self.reference})

    def _push(
        self, name: str, built: docker.RemoteImage, content: str, args: ContainerImageArgs
    ) -> docker.RegistryImage:
        earlier = [args["after"].pushed] if "after" in args else []
        return docker.RegistryImage(
            f"{name}-push",
            name=built.name,
            # Old digests stay pullable: a rollback needs them.
            keep_remotely=True,
            triggers={"content": content, "image": built.image_id},
            opts=pulumi.ResourceOptions(parent=self, provider=args["registry"].docker, depends_on=earlier),
        )


def _check(name: str, args: ContainerImageArgs) -> None:
    who = f"ContainerImage '{name}'"
    inputs.check_keys(who, args, ContainerImageArgs)
    inputs.check_kind(who, "registry", args["registry"], private_registry.PrivateRegistry, "a PrivateRegistry")
    inputs.refuse(who, "repository", args["repository"], checks.expected_repository(args["repository"]))
    inputs.check_kind(who, "context", args["context"], str, "the path of a folder")
    inputs.check_kind(who, "build_args", args.get("build_args", {}), Mapping, "a mapping of names to values")
    inputs.check_kind(who, "target", args.get("target", ""), str, "the name of a stage")
    if "after" in args:
        inputs.check_kind(who, "after", args["after"], ContainerImage, "a ContainerImage")
    dockerfile = args.get("dockerfile", "Dockerfile")
    inputs.check_kind(who, "dockerfile", dockerfile, str, "a path below the context")
    found = (pathlib.Path(args["context"]) / dockerfile).is_file()
    inputs.refuse(who, "context", args["context"], None if found else f"a folder with a {dockerfile}")


def hash_context(context: pathlib.Path, extra: list[str]) -> str:
    """Hashes names, run bits and contents of a build context, and what else decides the image, into 12 hex digits."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(context.rglob("*")):
        if "__pycache__" not in path.parts:
            total.update(f"\0{path.relative_to(context)}\0".encode() + _describe(path))
    return total.hexdigest()[:_TAG_DIGITS]


def _describe(path: pathlib.Path) -> bytes:
    if path.is_symlink():
        return f"link\0{path.readlink()}".encode()
    if not path.is_file():
        return b"folder"
    return f"file\0{path.stat().st_mode & 0o100}\0".encode() + hashlib.sha256(path.read_bytes()).digest()
