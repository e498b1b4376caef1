"""What stands in the files of the project, read without importing them."""

import ast
import functools
import importlib
import pathlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[2]
_FOLDERS = (
    "arm",
    "bench",
    "cloud_init",
    "components",
    "compose",
    "policy",
    "providers",
    "sandbox",
    "stacks",
    "tests",
    "tools",
)


@functools.cache
def list_files() -> list[str]:
    """Lists the Python files, as paths from the project's folder."""
    found = (path for folder in _FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return ["__main__.py", *sorted(path.relative_to(ROOT).as_posix() for path in found)]


def list_files_in(*places: str) -> list[str]:
    """Lists the files that are one of these places or lie in it."""
    return [file for file in list_files() if any(_is_in(file, place, "/") for place in places)]


def find_imports(files: list[str], *modules: str) -> list[str]:
    """Lists what these files import of modules (`pulumi` stands for `pulumi.runtime` too), each with its file."""
    return [
        f"{file}: {module}"
        for file in files
        for module in _read_imports(file)
        if any(_is_in(module, wanted, ".") for wanted in modules)
    ]


def find_foreign_imports(files: list[str], *allowed: str) -> list[str]:
    """Lists what these files import of the project beside the allowed modules, each with its file."""
    ours = [*_FOLDERS, "__main__"]
    found = find_imports(files, *ours)
    return [line for line in found if not any(_is_in(line.partition(": ")[2], module, ".") for module in allowed)]


def find_names(files: list[str], name: str) -> list[str]:
    """Lists the files whose code has a dotted name such as `pulumi.Config`, or imports it."""
    last = name.rpartition(".")[2]
    return [file for file in files if last in _read_text(file) and name in _read_names(file)]


def list_packages() -> list[str]:
    """Lists the packages that say what is public in them."""
    files = find_names([file for file in list_files() if file.endswith("/__init__.py")], "__all__")
    return [file.removesuffix("/__init__.py").replace("/", ".") for file in files]


def list_public_names(package: str) -> list[str]:
    """Lists what a package's own file defines, or imports of itself only to pass it on, without an underscore."""
    tree = _parse(f"{package.replace('.', '/')}/__init__.py")
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    passed_on = {name for node in tree.body for name in _imported_names(node, package)} - used
    return sorted(passed_on | {name for node in tree.body for name in _defined_names(node)})


def list_exported_names(package: str) -> list[str]:
    """Gives a package's `__all__`."""
    return sorted(importlib.import_module(package).__all__)


def _is_in(path: str, place: str, separator: str) -> bool:
    return path == place or path.startswith(place.rstrip(separator) + separator)


@functools.cache
def _parse(file: str) -> ast.Module:
    return ast.parse(_read_text(file), file)


@functools.cache
def _read_text(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


@functools.cache
def _read_imports(file: str) -> list[str]:
    return sorted({module for node in ast.walk(_parse(file)) for module in _imported_modules(node)})


def _imported_modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


@functools.cache
def _read_names(file: str) -> frozenset[str]:
    nodes = list(ast.walk(_parse(file)))
    used = {ast.unparse(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute)}
    imported = set(_read_imports(file))
    return frozenset(used | imported | {name.rpartition(".")[2] for name in used | imported})


def _imported_names(node: ast.stmt, package: str) -> list[str]:
    if isinstance(node, ast.ImportFrom) and _is_in(str(node.module), package, "."):
        return [alias.asname or alias.name for alias in node.names]
    return []


def _defined_names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        names = [node.name]
    else:
        stored = (one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
        names = [one.id for one in stored]
    return [name for name in names if not name.startswith("_")]
