"""A lock is taken away when its process is gone, and respected while it lives."""

import pathlib

import pytest

import tools
from tools import locks


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / ".pulumi/locks/organization/azure-swarm/dev"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text('{"pid": 4711}')
    return folder


def add_process(processes: pathlib.Path, command: str, state: str = "S") -> pathlib.Path:
    (processes / "4711").mkdir(parents=True)
    (processes / "4711/stat").write_text(f"4711 ({command}) {state} 1 4711 4711 0\n")
    return processes


def test_the_lock_of_a_process_that_is_gone_is_removed(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert locks.remove_stale_locks(folder, tmp_path / "proc") == 1
    assert list(folder.iterdir()) == []


def test_a_process_id_that_was_given_out_again_does_not_count(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    processes = add_process(tmp_path / "proc", "bash")

    assert locks.remove_stale_locks(folder, processes) == 1


def test_a_killed_run_whose_parent_has_not_asked_for_it_is_gone(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert locks.remove_stale_locks(folder, add_process(tmp_path / "proc", "pulumi", "Z")) == 1


def test_a_living_run_is_named_and_its_lock_stays(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    processes = add_process(tmp_path / "proc", "pulumi")

    with pytest.raises(tools.ToolError) as caught:
        locks.remove_stale_locks(folder, processes)

    assert str(caught.value) == ("Another pulumi (process 4711) is working on stack dev: wait for it or end it.")
    assert (folder / "one.json").exists()


def test_a_lock_that_was_cut_off_while_it_was_written_is_removed(folder: pathlib.Path) -> None:
    (folder / "one.json").write_text('{"pi')

    assert locks.remove_stale_locks(folder) == 1


def test_the_folder_is_found_in_a_backend_on_this_machine(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert locks.find_lock_folder({"PULUMI_BACKEND_URL": f"file://{tmp_path}"}, "dev") == folder


@pytest.mark.parametrize("url", ["https://api.example.com", "azblob://state", ""])
def test_other_backends_are_left_alone(url: str) -> None:
    assert locks.find_lock_folder({"PULUMI_BACKEND_URL": url}, "dev") is None
    assert locks.remove_stale_locks(None) == 0
