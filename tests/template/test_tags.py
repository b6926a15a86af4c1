"""Tags in the arguments of controllers, read back by each program's own rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.template.generated import WALKTHROUGH, generate

TAGS = {"team": "data-science", "cost:centre": "eu/4711:ab", "owner": "ml@example.com"}
UNESCAPED_COLON = re.compile(r"(?<!\\):")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = ("platform/efs-csi-driver", "platform/fsx-csi-driver", "platform/ack/common")
    return generate(tmp_path_factory.mktemp("tags"), parts, WALKTHROUGH | {"tags": TAGS})


def argument(generated: Path, driver: str, flag: str) -> str:
    patches = yaml.safe_load((generated / f"platform/{driver}/controller-arguments.yaml").read_text())
    [value] = [patch["value"] for patch in patches if patch["value"].startswith(flag)]
    return str(value.removeprefix(flag))


def ours(tags: dict[str, str]) -> dict[str, str]:
    return {name: tags[name] for name in TAGS}


def test_the_driver_of_efs_reads_words_with_escaped_colons(generated: Path) -> None:
    pairs = [
        UNESCAPED_COLON.split(word) for word in argument(generated, "efs-csi-driver", "--tags=").split(" ")
    ]
    assert ours({name.replace("\\:", ":"): value.replace("\\:", ":") for name, value in pairs}) == TAGS


def test_the_driver_of_fsx_reads_pairs_between_commas(generated: Path) -> None:
    pairs = [pair.split("=") for pair in argument(generated, "fsx-csi-driver", "--extra-tags=").split(",")]
    assert ours(dict(pairs)) == TAGS


def test_ack_reads_pairs_between_commas(generated: Path) -> None:
    [patch] = yaml.safe_load_all((generated / "platform/ack/common/controller.yaml").read_text())
    [container] = patch["spec"]["template"]["spec"]["containers"]
    [text] = [entry["value"] for entry in container["env"] if entry["name"] == "ACK_RESOURCE_TAGS"]
    assert ours(dict(pair.split("=") for pair in text.split(","))) == TAGS
