"""Settings that do not fit each other, and the sentence for each."""

from typing import Any

import pytest

from tests.unit.stacks import environments


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"operatorNetworks": ["203.0.113.0/24", "203.0.0.0/16"]},
            "operatorNetworks must be a list in which no two overlap, as 203.0.113.0/24 and 203.0.0.0/16 do; "
            "got ['203.0.113.0/24', '203.0.0.0/16'].",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused_by_file_and_key(changes: dict[str, Any], refusal: str) -> None:
    sentence = environments.refusal_of_settings("dev", environments.make_config("dev", **changes))

    assert sentence == f"Pulumi.dev.yaml: azure-swarm:{refusal}"
