"""A plugin with one resource type in memory, to test the kit over gRPC."""

import pathlib
import sys
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from providers import kit


class Echo(kit.ResourceType):
    """Remembers what it was given; fails on demand."""

    token = "echo:index:Echo"
    description = "Remembers what it was given."
    inputs = {
        "text": kit.Property("string", "What to say.", required=True),
        "place": kit.Property("string", "Where.", replaces=True),
        "times": kit.Property("integer", "How often.", default=1),
        "password": kit.Property("string", "Not to be shown.", secret=True),
        "nested": kit.Property("object", "Anything."),
    }
    outputs = {"said": kit.Property("string", "What was said."), "key": kit.Property("string", "A key.", secret=True)}

    def __init__(self) -> None:
        self.world: dict[str, dict[str, Any]] = {}

    async def create(self, context: kit.Context, inputs: dict[str, Any]) -> kit.Created:
        if inputs["text"] == "refuse":
            raise kit.ResourceError("The echo refused to be made.")
        if inputs["text"] == "half":
            raise kit.InitializationFailed("The echo is only half there.", resource_id="e-1", outputs={"said": "ha"})
        if inputs["text"] == "hoarse":
            for number in range(inputs["times"]):
                context.warn(f"hoarse {number}")
            raise kit.ResourceError("The echo lost its voice.")
        if inputs["text"] == "bug":
            raise ValueError("boom")
        self.world["e-1"] = inputs
        return kit.Created("e-1", {"said": inputs["text"] * inputs["times"], "key": "k"})

    async def read(self, context: kit.Context, resource_id: str, state: dict[str, Any]) -> kit.Observed | None:
        if state.get("text") == "sick":
            inputs = {"text": "sick", "password": "p"}
            raise kit.InitializationFailed("The echo is sick.", resource_id=resource_id, outputs={}, inputs=inputs)
        found = self.world.get(resource_id)
        return None if found is None else kit.Observed(resource_id, {"said": found["text"]}, found)

    async def update(
        self, context: kit.Context, resource_id: str, state: dict[str, Any], inputs: dict[str, Any]
    ) -> dict[str, Any]:
        self.world[resource_id] = inputs
        return {"said": inputs["text"], "key": "k"}

    async def delete(self, context: kit.Context, resource_id: str, state: dict[str, Any]) -> None:
        self.world.pop(resource_id, None)


async def shout(arguments: dict[str, Any]) -> dict[str, Any]:
    """Answers in capitals; refuses to say nothing."""
    if not arguments["text"]:
        raise kit.ResourceError("The echo has nothing to shout.")
    return {"text": arguments["text"].upper()}


if __name__ == "__main__":
    kit.serve(kit.Plugin("echo", "0.1.0", [Echo()], invoke={"echo:index:shout": shout}), sys.argv[1:])
