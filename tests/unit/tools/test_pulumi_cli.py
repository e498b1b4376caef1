"""How `pulumi` is called, with a stand-in for it on PATH."""

import pathlib

import pytest

import tools
from tools import pulumi_cli


@pytest.fixture
def pulumi(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path / "pulumi"


def write(pulumi: pathlib.Path, body: str) -> None:
    pulumi.write_text(f"#!/bin/sh\n{body}\n")
    pulumi.chmod(0o755)


def test_every_call_names_the_stack(pulumi: pathlib.Path) -> None:
    write(pulumi, """printf '["%s"]' "$*" """)

    assert pulumi_cli.Cli("test").read("stack", "export") == ["stack export --stack test"]


def test_the_errors_of_a_run_are_read_from_its_event_log(
    pulumi: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    events = (
        '{"preludeEvent": {}}',
        '{"diagnosticEvent": {"urn": "urn:m", "message": "no room", "severity": "error"}}',
        '{"diagnosticEvent": {"message": "careful", "severity": "warning"}}',
    )
    write(pulumi, "cat > \"$4\" <<'LOG'\n" + "\n".join(events) + "\nLOG\necho shown; exit 3")

    assert pulumi_cli.Cli("dev").run_watched("up", "--yes") == (3, [pulumi_cli.Error("urn:m", "no room")])
    assert capfd.readouterr().out == "shown\n"


def test_a_killed_run_leaves_half_a_line_which_is_passed_over(pulumi: pathlib.Path) -> None:
    events = ('{"diagnosticEvent": {"urn": "urn:m", "message": "no room", "severity": "error"}}', '{"diagnosticEv')
    write(pulumi, "printf '%s' '" + "\n".join(events) + '\' > "$4"\nexit 137')

    assert pulumi_cli.Cli("dev").run_watched("up", "--yes") == (137, [pulumi_cli.Error("urn:m", "no room")])


def test_a_run_that_wrote_no_events_showed_no_errors(pulumi: pathlib.Path) -> None:
    write(pulumi, "exit 255")

    assert pulumi_cli.Cli("dev").run_watched("up") == (255, [])


def test_a_stack_that_is_not_there_reads_as_nothing(pulumi: pathlib.Path) -> None:
    write(pulumi, "echo \"error: no stack named 'dev' found\" >&2; exit 255")

    assert pulumi_cli.Cli("dev").read("stack", "output", "--json") is None


def test_a_failure_is_one_sentence_with_pulumis_words(pulumi: pathlib.Path) -> None:
    write(pulumi, "printf 'error: passphrase must be set\\nwith a variable\\n' >&2; exit 255")

    with pytest.raises(tools.ToolError) as caught:
        pulumi_cli.Cli("dev").write({}, "stack", "import")

    assert str(caught.value) == ("'pulumi stack import' of stack dev failed: passphrase must be set with a variable")


def test_what_is_written_goes_through_a_pipe(pulumi: pathlib.Path, tmp_path: pathlib.Path) -> None:
    write(pulumi, f'read -r line; printf %s "$line" >{tmp_path}/seen')

    pulumi_cli.Cli("dev").write({"secret": 1}, "stack", "import")

    assert (tmp_path / "seen").read_text() == '{"secret": 1}'


def test_a_command_on_the_terminal_returns_its_exit_code(pulumi: pathlib.Path) -> None:
    write(pulumi, "exit 3")

    assert pulumi_cli.Cli("dev").run("up") == 3


def test_an_interrupt_is_left_to_pulumi(pulumi: pathlib.Path) -> None:
    # As the terminal does on Ctrl-C, but for the parent alone. The child goes on until the signal is no longer pending
    # there: it has been handled then, and nobody has ended the child for it.
    taken = "until grep -q '^ShdPnd:.*0000$' /proc/$PPID/status; do :; done"
    write(pulumi, f"kill -INT $PPID\n{taken}\nexit 4")

    assert pulumi_cli.Cli("dev").run("up") == 4
