"""A small kit for Pulumi providers in Python: resource types on plain values, served over gRPC.

A provider is a list of `ResourceType`s given to `serve`. A type works on plain dicts and never sees protobuf,
secret wrappers or URNs; what Pulumi's own `pulumi.provider.experimental` leaves rough is smoothed here once:
unknown values, numbers, errors without a traceback, partial failures, progress and cancellation.
"""

from providers.kit.diffs import Change, ChangeKind, changed_paths, join_path
from providers.kit.errors import InitializationFailed, KitError, ResourceError
from providers.kit.http_client import HttpClient, read_message
from providers.kit.provider import Plugin
from providers.kit.resource import Checked, Context, Created, Failure, Observed, Property, ResourceType
from providers.kit.schema import make_schema
from providers.kit.server import serve
from providers.kit.unknown import UNKNOWN, Unknown, contains_unknown

__all__ = [
    "UNKNOWN",
    "Change",
    "ChangeKind",
    "Checked",
    "Context",
    "Created",
    "Failure",
    "HttpClient",
    "InitializationFailed",
    "KitError",
    "Observed",
    "Plugin",
    "Property",
    "ResourceError",
    "ResourceType",
    "Unknown",
    "changed_paths",
    "contains_unknown",
    "join_path",
    "make_schema",
    "read_message",
    "serve",
]
