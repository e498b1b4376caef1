"""The command line: `python -m compose convert|check|diff`."""

import argparse
import dataclasses
import gc
import json
import os
import pathlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compose import converting, dotenv, errors, loading, model

_REFUSED = 1
_DIFFERENT = 1
_TROUBLE = 2
_OLDEST_ENGINE = 20


def main(arguments: Sequence[str]) -> int:
    """Runs one command and gives its exit status."""
    parser = _make_parser()
    chosen = parser.parse_args(arguments)
    _refuse_contradiction(parser, chosen)
    run: Callable[[argparse.Namespace], int] = chosen.run
    # One file and out: what would be collected goes with the process.
    gc.disable()
    return run(chosen)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m compose", description="Compose files as the objects that docker stack deploy makes of them."
    )
    # With `prog` given, argparse does not format a usage to find it.
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog=parser.prog)
    convert = _add_command(commands, "convert", _convert, "print the Engine API specs as JSON; status 1 on a refusal")
    convert.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE", help="later files over earlier ones")
    convert.add_argument("--stack", required=True, type=_read_stack, help="name of the stack")
    check = _add_command(
        commands, "check", _check, "print what is refused, warned about or dropped; status 1 on a refusal"
    )
    check.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE", help="later files over earlier ones")
    check.add_argument("--stack", default="stack", type=_read_stack, help="name of the stack")
    check.add_argument("--json", action="store_true", help="print JSON")
    diff = _add_command(
        commands, "diff", _diff, "print how two files differ in what they mean; status 1 if they do, 2 on a refusal"
    )
    diff.add_argument("old", type=pathlib.Path, metavar="A")
    diff.add_argument("new", type=pathlib.Path, metavar="B")
    diff.add_argument("--stack", default="stack", type=_read_stack, help="name of the stack")
    diff.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _refuse_contradiction(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    for option, given in (("--env-file", chosen.env_file), ("--profile", chosen.profile)):
        if chosen.as_deployed and given:
            parser.error(f"argument --as-deployed: must stand without {option}, which the program has not.")


def _add_command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str) -> Any:
    command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    command.set_defaults(run=run)
    dialects = [dialect.value for dialect in model.Dialect]
    command.add_argument("--dialect", choices=dialects, help="how files are read; by default what they need")
    command.add_argument("--env-file", action="append", default=[], type=pathlib.Path, help="further variables")
    command.add_argument("--profile", action="append", default=[], help="a profile to activate")
    deployed = "take no variable from the shell, as the program takes none"
    command.add_argument("--as-deployed", action="store_true", help=deployed)
    version = "the hosts' engine, such as 28.5.1 (dockerVersion); by default 20.10, which Debian 12 brings"
    command.add_argument("--engine", type=_read_engine, default=_OLDEST_ENGINE, metavar="VERSION", help=version)
    command.add_argument("--strict", action="store_true", help="refuse what has no effect")
    command.add_argument("--allow-outside", action="store_true", help="let paths leave the project's directory")
    return command


def _read_stack(text: str) -> str:
    if not re.fullmatch(model.STACK_NAME, text):
        expected = "lower-case letters, digits and -, at most 31, a letter first"
        raise argparse.ArgumentTypeError(f"must be {expected}; got {text!r}.")
    return text


def _read_engine(text: str) -> int:
    first = text.split(".")[0]
    if not (first.isascii() and first.isdigit()):
        raise argparse.ArgumentTypeError(f"must be a version of Docker's engine such as 28.5.1; got {text!r}.")
    return int(first)


def _load(chosen: argparse.Namespace, files: list[pathlib.Path]) -> converting.Converted:
    documents = loading.read_files(files)
    project = loading.load_documents(documents, chosen.stack, _make_options(chosen), _dialect(chosen))
    _check_profiles(chosen.profile, files[0], project.profiles)
    return converting.convert(project).refuse_unfit()


def _check_profiles(chosen: list[str], file: pathlib.Path, known: set[str]) -> None:
    unknown = [profile for profile in chosen if profile not in known | {"*"}]
    if unknown:
        expected = f"be one of {', '.join(sorted(known))}, *;" if known else "not be given: no service has one;"
        raise errors.FileError(file, f"--profile must {expected} got {unknown[0]!r}.")


def _read_environment(files: list[pathlib.Path], environment: Mapping[str, str]) -> dict[str, str]:
    read: dict[str, str] = {}
    for file in files:
        read |= dotenv.read(file, {**read, **environment})
    return {**read, **environment}


def _convert(chosen: argparse.Namespace) -> int:
    try:
        converted = _load(chosen, chosen.files)
    except errors.ComposeError as error:
        print(error, file=sys.stderr)
        return _REFUSED
    for notice in _list_notices(chosen, converted):
        print(notice, file=sys.stderr)
    print(_print_sections(_printable(converted)))
    return 0


def _list_notices(chosen: argparse.Namespace, converted: converting.Converted) -> list[model.Notice]:
    """Lists what has no effect, then what the engine is too old for."""
    return [*converted.warnings, *converted.list_too_new(chosen.engine)]


def _print_sections(sections: dict[str, dict[str, Any]]) -> str:
    """Prints one object a line: that is ten times as fast as an indented print, and can be read and compared."""
    printed = (f"{json.dumps(section)}: {_print_entries(entries)}" for section, entries in sections.items())
    return "{\n" + ",\n".join(printed) + "\n}"


def _print_entries(entries: dict[str, Any]) -> str:
    printed = (f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())
    return "{\n" + ",\n".join(printed) + "\n}" if entries else "{}"


def _printable(converted: converting.Converted) -> dict[str, Any]:
    secrets = {
        key: {field: value for field, value in spec.items() if field != "Data"}
        for key, spec in converted.secrets.items()
    }
    return {
        "services": converted.services,
        "networks": converted.networks,
        "configs": converted.configs,
        "secrets": secrets,
        "volumes": converted.volumes,
    }


def _check(chosen: argparse.Namespace) -> int:
    refused: Sequence[Any] = []
    notices: list[model.Notice] = []
    try:
        notices = _list_notices(chosen, _load(chosen, chosen.files))
    except errors.ComposeError as error:
        refused = _find_refused(chosen, chosen.files, error)
    if chosen.json:
        _print_json({"refused": refused, "warnings": notices})
    else:
        for line in refused or notices:
            print(line)
    return _REFUSED if refused else 0


def _print_json(lists: Mapping[str, Sequence[Any]]) -> None:
    print(json.dumps({key: [dataclasses.asdict(one) for one in found] for key, found in lists.items()}, indent=2))


def _find_refused(chosen: argparse.Namespace, files: list[pathlib.Path], error: errors.ComposeError) -> Sequence[Any]:
    """Finds all that is refused; what `convert` says comes first."""
    # Here and not above, as `comparing`.
    from compose import checking

    refused = checking.find_refused(files, chosen.stack, _make_options(chosen), _dialect(chosen))
    return sorted(refused, key=lambda one: str(one) != str(error)) or [checking.describe(error)]


def _dialect(chosen: argparse.Namespace) -> model.Dialect | None:
    return model.Dialect(chosen.dialect) if chosen.dialect else None


def _make_options(chosen: argparse.Namespace) -> model.Options:
    environment = _read_environment(chosen.env_file, {} if chosen.as_deployed else os.environ)
    return model.Options(environment, chosen.strict, chosen.allow_outside, frozenset(chosen.profile))


def _diff(chosen: argparse.Namespace) -> int:
    # Here and not above: `convert` does without, and most of its time goes into imports.
    from compose import comparing

    refused: list[Any] = []
    loaded = [_load_or_refuse(chosen, file, refused) for file in (chosen.old, chosen.new)]
    if loaded[0] is None or loaded[1] is None:
        return _print_trouble(chosen, refused)
    differences = comparing.compare(loaded[0], loaded[1])
    if chosen.json:
        print(json.dumps([dataclasses.asdict(difference.masked()) for difference in differences], indent=2))
    else:
        for difference in differences:
            print(difference)
    return _DIFFERENT if differences else 0


def _load_or_refuse(chosen: argparse.Namespace, file: pathlib.Path, refused: list[Any]) -> converting.Converted | None:
    try:
        return _load(chosen, [file])
    except errors.ComposeError as error:
        refused.extend(_find_refused(chosen, [file], error))
        return None


def _print_trouble(chosen: argparse.Namespace, refused: Sequence[Any]) -> int:
    if chosen.json:
        _print_json({"refused": refused})
    else:
        for line in refused:
            print(line, file=sys.stderr)
    return _TROUBLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
