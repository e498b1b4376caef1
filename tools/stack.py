"""The commands of the Makefile on one stack: `python -m tools.stack up --stack dev --cloud sandbox`.

In the sandbox they need no answers: nothing there is worth asking twice about. On Azure they are Pulumi's own
commands, which show a preview and ask.
"""

import argparse
import asyncio
import enum
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import tools
from providers import kit
from tools import (
    absence,
    asking,
    audit,
    capacity,
    doctor,
    facts,
    locks,
    looking,
    observing,
    pending,
    pulumi_cli,
    settings_files,
    status,
)

__all__ = [
    "Cloud",
    "audit_hosts",
    "down",
    "main",
    "preview",
    "print_findings",
    "print_status",
    "print_urls",
    "refresh",
    "restart_hosts",
    "run_on_host",
    "up",
]

_T = TypeVar("_T")
_ANSWER_SECONDS = 60.0
# The same in every sandbox (sandbox/home.py), whoever is logged in to Azure.
_SANDBOX_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
# These read the settings; a broken file must not keep anybody from looking, or from taking things down.
_READING = ("up", "preview", "refresh")
_CHANGING = (*_READING, "down")


class Cloud(enum.Enum):
    """Where a stack runs."""

    SANDBOX = "sandbox"
    AZURE = "azure"


def up(pulumi: pulumi_cli.Pulumi, cloud: Cloud) -> int:
    """Bring the stack to what the program says, and show what runs then."""
    code = _prepare(pulumi, cloud)
    if code != 0:
        return code
    code, errors = pulumi.run_watched("up", *_unattended(cloud))
    if code != 0:
        _advise(pulumi.stack, cloud, errors)
        return code
    started = time.monotonic()
    now = _get_status(pulumi)
    answers = _finish(asking.wait_until_answered(now.urls, _ANSWER_SECONDS))
    if time.monotonic() - started > 3:
        _say(f"Waited {time.monotonic() - started:.0f} s for the load balancer to let the hosts in.")
    # The update has asked the swarm already.
    print(status.make_table(now, answers, facts.Recorded(), None, ""))
    return _judge(answers)


def _advise(stack: str, cloud: Cloud, errors: Sequence[pulumi_cli.Error]) -> None:
    """Say which size to take for the hosts that Azure had no room for."""
    shortages = capacity.find_shortages(errors)
    if not shortages:
        return
    # Only here: it loads the whole program.
    from tools import environments

    chosen = environments.load_settings(stack)
    for name, code in shortages.items():
        _say(capacity.advise(name, code, chosen, facts.Commands(stack, cloud.value)))


def preview(pulumi: pulumi_cli.Pulumi, cloud: Cloud) -> int:
    """Show what `up` would change."""
    return _select(pulumi, cloud) or pulumi.run("preview")


def refresh(
    pulumi: pulumi_cli.Pulumi, cloud: Cloud, force: bool = False, connect: looking.Connect = observing.with_hosts
) -> int:
    """Bring the state to what is there; refused, unless forced, where the way in to the hosts does not answer."""
    code = _select(pulumi, cloud)
    if code == 0 and not force:
        _require_way(pulumi, facts.Commands(pulumi.stack, cloud.value), connect)
    return code or _find_loose_ends(pulumi, cloud) or pulumi.run("refresh", *_unattended(cloud))


def _require_way(pulumi: pulumi_cli.Pulumi, commands: facts.Commands, connect: looking.Connect) -> None:
    trouble = looking.find_shut_way(pulumi, connect)
    if trouble:
        raise tools.ToolError(
            f"{trouble}, and a refresh would take the swarm, its nodes and services from the state, though they may "
            "live: look whether your address is in operatorNetworks, the VPN up and the jump host there; "
            f"'{commands.make('refresh', FORCE='1')}' where it is gone for ever."
        )


def down(pulumi: pulumi_cli.Pulumi, cloud: Cloud) -> int:
    """Destroy what is there; in the sandbox the stack goes too, its settings stay."""
    # With its preview, everywhere: what is protected is refused there, before anything is deleted.
    code = _prepare(pulumi, cloud) or pulumi.run("destroy", *(["--yes"] if cloud is Cloud.SANDBOX else []))
    if code != 0 or cloud is Cloud.AZURE:
        return code
    # Without --preserve-config the stack's settings file, which is in the repository, would be deleted.
    return pulumi.run("stack", "rm", "--yes", "--preserve-config")


def print_status(pulumi: pulumi_cli.Pulumi, as_json: bool, connect: looking.Connect = observing.with_hosts) -> int:
    """Show nodes, services, tasks, quorum, drift and addresses, and ask the swarm and each address."""
    now = _get_status(pulumi)
    recorded, swarm, trouble = facts.Recorded(), None, ""
    if now.has_swarm:
        recorded, swarm, trouble = looking.look_at_swarm(pulumi, connect)
    answers = _finish(asking.ask_all(now.urls))
    make_text = status.make_json if as_json else status.make_table
    print(make_text(now, answers, recorded, swarm, trouble))
    return 1 if trouble else _judge(answers)


def print_findings(
    pulumi: pulumi_cli.Pulumi, cloud: Cloud, as_json: bool, connect: looking.Connect = observing.with_hosts
) -> int:
    """Look for what is wrong, and show it with its reason and the command that mends it."""
    seen = looking.look_closely(pulumi, facts.Commands(pulumi.stack, cloud.value), connect)
    findings = doctor.examine(seen)
    print(doctor.make_json(seen, findings) if as_json else doctor.make_text(seen, findings))
    return 1 if findings else 0


def audit_hosts(
    pulumi: pulumi_cli.Pulumi, cloud: Cloud, as_json: bool, connect: looking.Connect = observing.with_hosts
) -> int:
    """Hold every host against the rules of docker-bench-security, and show what fails and why."""
    accepted = audit.read_accepted(cloud.value)
    seen = looking.collect_audit(pulumi, connect)
    rows = audit.examine(seen, accepted)
    make_text = audit.make_json if as_json else audit.make_text
    print(make_text(seen, rows, audit.list_outdated(rows, accepted)))
    return 1 if audit.list_findings(rows) else 0


def restart_hosts(pulumi: pulumi_cli.Pulumi, host: str, connect: looking.Connect = observing.with_hosts) -> int:
    """Restart the hosts that ask for it, one at a time, drained; or the one that is named."""
    try:
        restarted = looking.restart(pulumi, host, _tell, connect)
    except KeyboardInterrupt:
        _say("Interrupted: the same command goes on where this one was.")
        return 130
    print(f"Restarted {', '.join(restarted)}." if restarted else "No host asks for a restart.")
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)


def run_on_host(
    pulumi: pulumi_cli.Pulumi, host: str, command: str, connect: looking.Connect = observing.with_hosts
) -> int:
    """Run a command on a host, over the connection that the provider takes, and print what it printed."""
    print(looking.run_on(pulumi, host, command, connect), end="")
    return 0


def print_urls(pulumi: pulumi_cli.Pulumi) -> int:
    """Print the addresses alone, one a line."""
    now = _get_status(pulumi)
    print("\n".join(now.urls.values()))
    return 0


def _get_status(pulumi: pulumi_cli.Pulumi) -> status.Status:
    outputs = pulumi.read("stack", "output", "--json")
    if not outputs:
        raise tools.ToolError(absence.explain(pulumi.stack, outputs, pulumi.read("stack", "export")))
    return status.make_status(pulumi.stack, outputs)


def _finish(asked: Coroutine[Any, Any, _T]) -> _T:
    # Not asyncio.run: it takes away the thread's event loop, with which the program's settings are read.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(asked)


def _judge(answers: Mapping[str, facts.Answer]) -> int:
    return 0 if all(answer.succeeded for answer in answers.values()) else 1


def _select(pulumi: pulumi_cli.Pulumi, cloud: Cloud) -> int:
    code = pulumi.run("stack", "select", "--create")
    if code == 0 and cloud is Cloud.SANDBOX:
        folder = locks.find_lock_folder(os.environ, pulumi.stack)
        if locks.remove_stale_locks(folder):
            _say("Removed the lock of a run that was killed.")
    return code


def _prepare(pulumi: pulumi_cli.Pulumi, cloud: Cloud) -> int:
    """Select the stack, and look for what a killed run was about to create."""
    return _select(pulumi, cloud) or _find_loose_ends(pulumi, cloud)


def _find_loose_ends(pulumi: pulumi_cli.Pulumi, cloud: Cloud) -> int:
    if not pending.has_loose_ends(pulumi.read("stack", "export")):
        return 0
    _say("The last run was cut off while it created resources: looking which of them are there.")
    # Secrets stay in this process and its pipes; the state that is written has them encrypted.
    adopted = pending.adopt(pulumi.read("stack", "export", "--show-secrets"), _find_subscription(pulumi.stack, cloud))
    pulumi.write(adopted, "stack", "import")
    unproven = pending.list_unproven(adopted)
    if not unproven:
        return 0
    targets = [f"--target={urn}" for urn in unproven]
    code = pulumi.run("refresh", "--yes", "--skip-preview", *targets)
    if code == 0:
        pulumi.write(pending.restore(pulumi.read("stack", "export", "--show-secrets"), unproven), "stack", "import")
    return code


def _unattended(cloud: Cloud) -> Sequence[str]:
    return ("--yes", "--skip-preview") if cloud is Cloud.SANDBOX else ()


def _find_subscription(stack: str, cloud: Cloud) -> str | None:
    """Return the subscription for which no resource in the state can vouch yet, as azure-native finds it."""
    if cloud is Cloud.SANDBOX:
        return _SANDBOX_SUBSCRIPTION
    own = settings_files.read(stack).get("azure-native:subscriptionId")
    if found := own or os.environ.get("ARM_SUBSCRIPTION_ID"):
        return str(found)
    try:
        command = ["az", "account", "show", "--query", "id", "--output", "tsv"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() or None
    except (OSError, subprocess.CalledProcessError):
        return None


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


_COMMANDS: Mapping[str, Callable[[pulumi_cli.Pulumi, argparse.Namespace], int]] = {
    "up": lambda pulumi, options: up(pulumi, options.cloud),
    "preview": lambda pulumi, options: preview(pulumi, options.cloud),
    "refresh": lambda pulumi, options: refresh(pulumi, options.cloud, options.force),
    "down": lambda pulumi, options: down(pulumi, options.cloud),
    "status": lambda pulumi, options: print_status(pulumi, options.json),
    "doctor": lambda pulumi, options: print_findings(pulumi, options.cloud, options.json),
    "audit": lambda pulumi, options: audit_hosts(pulumi, options.cloud, options.json),
    "reboot": lambda pulumi, options: restart_hosts(pulumi, options.host),
    "on": lambda pulumi, options: run_on_host(pulumi, options.host, options.run),
    "url": lambda pulumi, _options: print_urls(pulumi),
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    1 is what was found to be wrong, or an error, which `--json` prints as `{"error": …}`; 2 a command that is none.
    """
    options = _make_parser().parse_args(arguments)
    try:
        if options.command in _CHANGING:
            # A forgotten CLOUD=azure shows nowhere else before the end.
            _say(f"{options.cloud.value}: {options.stack}")
        _check_settings(options.command, options.stack, options.cloud)
        return _COMMANDS[options.command](pulumi_cli.Cli(options.stack), options)
    except (tools.ToolError, kit.ResourceError) as error:
        if options.json:
            print(json.dumps({"error": str(error)}))
        _say(f"azure-swarm: {error}")
        return 1


def _check_settings(command: str, stack: str, cloud: Cloud) -> None:
    """Refuses, before Pulumi is called, settings that it would ignore, or that shut the operator out."""
    if command in _READING:
        settings_files.read(stack)
    if command == "up":
        settings_files.require_operator(stack, cloud.value)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.stack", description=__doc__)
    parser.add_argument("command", choices=list(_COMMANDS))
    parser.add_argument("--stack", required=True)
    parser.add_argument("--cloud", type=Cloud, default=Cloud.SANDBOX)
    parser.add_argument("--json", action="store_true", help="print status or findings as JSON")
    parser.add_argument("--force", action="store_true", help="let 'refresh' take from the state what it cannot see")
    parser.add_argument("--host", default="", help="the host of 'on' or 'reboot'")
    parser.add_argument("--run", default="", help="the command of 'on'")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
