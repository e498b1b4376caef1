"""Records what the real `docker stack deploy` does with every case: `python -m tests.unit.compose.record_cases`."""

import json
from typing import Any

import compose
from tests.unit.compose import case_files, normal_form, real_deploy


def record(swarm: real_deploy.EmptySwarm, case: case_files.Case) -> dict[str, Any]:
    """Deploys one case and gives what the client sent, or that it refused."""
    deployed = swarm.deploy(case.files, case_files.STACK, {"HOME": "/home/somebody", **case.environment})
    if deployed.status:
        return {"refused": True}
    text = json.dumps(normal_form.of_deployed(deployed), sort_keys=True)
    return dict(json.loads(text.replace(str(case_files.ROOT), "ROOT")))


def main() -> None:
    """Writes `recorded.json`, one line a case."""
    with real_deploy.EmptySwarm() as swarm:
        lines = [
            f"{json.dumps(case.name)}: {json.dumps(record(swarm, case), sort_keys=True)}"
            for case in case_files.read_cases(compose.Dialect.STACK)
        ]
    (case_files.ROOT / "recorded.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
