"""What the harness needs to know of an environment's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kfaws.generator.errors import KfawsError

FILE = ".copier-answers.yml"


@dataclass(frozen=True)
class Answers:
    """The answers of a generated repository."""

    repository: str
    revision: str
    argo_cd: str
    """Argo CD's namespace."""
    git_base: str
    region: str
    account: str
    domain: str
    every: Mapping[str, Any]
    """All of them by name."""

    @classmethod
    def of(cls, folder: Path) -> Answers:
        """Those of a generated repository; raises KfawsError for a folder that is none."""
        file = folder / FILE
        if not file.is_file():
            raise KfawsError(f"{folder} is no generated repository (it has no {FILE}): name one")
        answers: dict[str, Any] = yaml.safe_load(file.read_text())
        try:
            return cls(
                answers["gitops_repository"],
                answers["gitops_revision"],
                answers["argo_cd_namespace"],
                answers["git_base"],
                answers["aws_region"],
                str(answers["aws_account_id"]),
                answers["domain"],
                answers,
            )
        except KeyError as missing:
            raise KfawsError(f"{file} has no answer {missing}: run copier update in {folder}") from missing
