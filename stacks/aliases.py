"""Leaves out the aliases by which azure-native's SDK gives a resource one more type for each version of Azure's API.

They find resources in states of programs that named such a version in a type, which this program never did. The SDK
makes a dozen tasks of every alias, an interface has sixty: a preview of a hundred hosts takes a third of the time.
"""

from typing import Any

import pulumi

_PACKAGE = "azure-native:"


def leave_out_version_aliases() -> None:
    """Leaves them out for every resource that the program declares from here on."""
    pulumi.runtime.register_stack_transformation(without_version_aliases)


def without_version_aliases(
    given: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    """Gives a resource's options without them; None where there are none."""
    kept = [alias for alias in given.opts.aliases or [] if not _is_of_a_version(alias)]
    if len(kept) == len(given.opts.aliases or []):
        return None
    options = pulumi.ResourceOptions.merge(given.opts, None)
    options.aliases = kept
    return pulumi.ResourceTransformationResult(given.props, options)


def _is_of_a_version(alias: Any) -> bool:
    return isinstance(alias, pulumi.Alias) and str(alias.type_).startswith(_PACKAGE)
