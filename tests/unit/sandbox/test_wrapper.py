"""The `pulumi` of the sandbox: what it does with signals, and what it carries back."""

import importlib.machinery
import importlib.util
import os
import pathlib
import signal
import subprocess
import types
from collections.abc import Iterator
from typing import Any

import pytest

_WRAPPER = pathlib.Path(__file__).parents[3] / "sandbox/bin/pulumi"


@pytest.fixture(autouse=True)
def _same_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def wrapper(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The script as a module, on a checkout and a home of its own."""
    monkeypatch.setenv("SANDBOX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SANDBOX_PULUMI", str(tmp_path / "pulumi"))
    monkeypatch.setattr("sys.argv", ["pulumi"])
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("wrapper", str(_WRAPPER))
    spec = importlib.util.spec_from_loader("wrapper", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    (tmp_path / "home").mkdir()
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout/Pulumi.dev.yaml").write_text("config: {}\n")
    monkeypatch.setattr(module, "CHECKOUT", tmp_path / "checkout")
    return module


def be_pulumi(body: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "pulumi").write_text(f"#!/bin/sh\n{body}\n")
    (tmp_path / "pulumi").chmod(0o755)


def signal_while_starting(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send a signal when the child runs and its parent does not know yet."""
    start = subprocess.Popen

    def signalled(*arguments: Any, **options: Any) -> Any:
        process = start(*arguments, **options)
        os.kill(os.getpid(), number)
        return process

    monkeypatch.setattr(subprocess, "Popen", signalled)


def test_what_pulumi_changed_is_carried_back_when_it_was_interrupted_at_once(
    wrapper: types.ModuleType, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_pulumi("echo 'config: {a: b}' >Pulumi.dev.yaml; exit 3", tmp_path)
    signal_while_starting(signal.SIGINT, monkeypatch)

    assert wrapper.main() == 3
    assert (tmp_path / "checkout/Pulumi.dev.yaml").read_text() == "config: {a: b}\n"


def test_a_kill_while_pulumi_starts_is_handed_on(
    wrapper: types.ModuleType, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would wait for ever for somebody who writes.
    os.mkfifo(tmp_path / "never")
    be_pulumi(f"exec cat {tmp_path}/never", tmp_path)
    signal_while_starting(signal.SIGTERM, monkeypatch)

    assert wrapper.main() == 128 + signal.SIGTERM


def test_pulumi_takes_interrupts_itself(wrapper: types.ModuleType, tmp_path: pathlib.Path) -> None:
    be_pulumi("kill -INT $$", tmp_path)

    assert wrapper.main() == 128 + signal.SIGINT


def test_what_was_changed_is_carried_back_when_waiting_ends_otherwise(
    wrapper: types.ModuleType, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **options: Any) -> Any:
        pathlib.Path(options["cwd"], "Pulumi.dev.yaml").write_text("config: {a: b}\n")
        raise OSError("no more")

    monkeypatch.setattr(subprocess, "Popen", fail)

    with pytest.raises(OSError, match="no more"):
        wrapper.main()
    assert (tmp_path / "checkout/Pulumi.dev.yaml").read_text() == "config: {a: b}\n"


AZURE = "# Ours.\nsecretsprovider: azurekeyvault://v/k\nencryptedkey: abc=\nconfig:\n  a: b\nencryptionsalt: v1:s\n"


def test_another_secrets_provider_is_hidden_from_the_sandbox(wrapper: types.ModuleType, tmp_path: pathlib.Path) -> None:
    (tmp_path / "checkout/Pulumi.dev.yaml").write_text(AZURE)
    be_pulumi(f"cat Pulumi.dev.yaml >{tmp_path}/seen", tmp_path)

    wrapper.main()

    assert (tmp_path / "seen").read_text() == "# Ours.\nconfig:\n  a: b\n"


def test_the_checkouts_own_secrets_provider_stays_when_a_setting_is_carried_back(
    wrapper: types.ModuleType, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "checkout/Pulumi.dev.yaml").write_text(AZURE)
    be_pulumi("echo '  c: d' >>Pulumi.dev.yaml; echo 'encryptionsalt: v1:sandbox' >>Pulumi.dev.yaml", tmp_path)

    wrapper.main()

    assert (tmp_path / "checkout/Pulumi.dev.yaml").read_text() == AZURE.replace("  a: b\n", "  a: b\n  c: d\n")


def test_the_sandbox_keeps_its_own_salt_and_sheds_what_leaked_into_it(
    wrapper: types.ModuleType, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "home/project").mkdir()
    (tmp_path / "home/project/Pulumi.dev.yaml").write_text("secretsprovider: x\nencryptionsalt: v1:sandbox\n")
    be_pulumi(f"cat Pulumi.dev.yaml >{tmp_path}/seen", tmp_path)

    wrapper.main()

    assert (tmp_path / "seen").read_text() == "config: {}\nencryptionsalt: v1:sandbox\n"
    assert (tmp_path / "checkout/Pulumi.dev.yaml").read_text() == "config: {}\n"


def test_a_last_line_without_its_end_is_not_joined_with_another(
    wrapper: types.ModuleType, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "checkout/Pulumi.dev.yaml").write_text("config: {}\nencryptionsalt: v1:s")
    be_pulumi("echo 'config: {a: b}' >Pulumi.dev.yaml", tmp_path)

    wrapper.main()

    assert (tmp_path / "checkout/Pulumi.dev.yaml").read_text() == "config: {a: b}\nencryptionsalt: v1:s"
