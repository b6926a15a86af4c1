"""`kfaws questions`: page and schema follow from the questions, and the tables behind them from AWS's own."""

from __future__ import annotations

import json
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from jinja2 import Environment, FileSystemLoader
from jsonschema_rs import Draft202012Validator

from kfaws.cli import run_reporting_errors
from kfaws.generator.answers import read_answers
from kfaws.generator.questions import json_schema, read_questions
from kfaws.generator.reference import PAGE, markdown
from kfaws.generator.scaffold import template_folder
from tests.conftest import ANSWERS, PROJECT, stage

QUESTIONS = read_questions(PROJECT)


def table(name: str, rules: str) -> Any:
    """A table that the validators use."""
    environment = Environment(
        loader=FileSystemLoader(PROJECT),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        autoescape=True,
        **{key: value for key, value in _delimiters().items() if key.endswith("_string")},
    )
    return getattr(environment.get_template(f"questions/rules/{rules}.jinja").module, name)


def _delimiters() -> dict[str, Any]:
    settings = next(yaml.load_all((PROJECT / "copier.yml").read_text(), Loader=yaml.SafeLoader))
    envops = settings["_envops"]
    assert isinstance(envops, dict)
    return envops


def test_the_committed_reference_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    code = run_reporting_errors(["questions", "--check"], debug=False)
    assert code == 0, capsys.readouterr().err


def test_a_stale_reference_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(tmp_path)
    (tmp_path / PAGE).parent.mkdir(parents=True)
    (tmp_path / PAGE).write_text(markdown(tmp_path))
    gitops = tmp_path / "questions" / "gitops.yml"
    gitops.write_text(gitops.read_text().replace("Branch or tag that", "Branch that"))
    monkeypatch.setattr("kfaws.generator.commands.questions.template_folder", lambda: tmp_path)
    code = run_reporting_errors(["questions", "--check"], debug=False)
    assert code == 1
    assert capsys.readouterr().err == (
        f"kfaws: {PAGE} is stale; write it anew: kfaws questions --format markdown > {PAGE}\n"
    )


def test_every_question_says_what_it_is_for() -> None:
    assert [
        question.name for question in QUESTIONS if not question.computed and len(question.help) < 20
    ] == []


def test_derived_names_are_never_asked() -> None:
    page = markdown(template_folder())
    assert [q.name for q in QUESTIONS if q.computed and f"\n### {q.name}\n" in page] == []
    assert [q.name for q in QUESTIONS if not q.computed and f"\n### {q.name}\n" not in page] == []


def test_free_answers_have_a_rule() -> None:
    """An answer of free text that nothing checks would end in a manifest as it is."""
    details = {
        name: detail
        for file in (PROJECT / "questions").glob("*.yml")
        for name, detail in yaml.safe_load(file.read_text()).items()
    }
    free = [q.name for q in QUESTIONS if not q.computed and not q.choices and q.type != "bool"]
    assert [name for name in free if "validator" not in details[name]] == []


@pytest.mark.parametrize("file", sorted((ANSWERS / "valid").glob("*.yml")), ids=lambda file: file.stem)
def test_the_schema_takes_valid_answers(file: Path) -> None:
    assert list(Draft202012Validator(json_schema(QUESTIONS)).iter_errors(read_answers(file))) == []


def test_the_schema_names_what_has_to_be_given() -> None:
    schema = json_schema(QUESTIONS)
    assert schema["required"] == ["aws_account_id", "cluster_name", "gitops_repository"]
    json.dumps(schema)


def test_regions_are_those_that_offer_eks() -> None:
    regions = table("regions", "accounts")
    session = boto3.Session()
    assert {
        partition: session.get_available_regions("eks", partition_name=partition) for partition in regions
    } == {partition: sorted(names) for partition, names in regions.items()}


OLD = {"m1", "m2", "m3", "m4", "r3", "r4", "t1", "t2"}
"""Families that RDS no longer offers for MySQL 8."""


def test_instance_classes_are_those_that_rds_offers_for_mysql() -> None:
    source = files("cfnlint") / "data/schemas/extensions/aws_rds_dbinstance/dbinstanceclass_enum.json"
    offered: dict[str, set[str]] = defaultdict(set)
    for region in json.loads(source.read_text()).values():
        for rule in region["allOf"]:
            if rule["if"]["properties"].get("Engine", {}).get("const") == "mysql":
                for name in rule["then"]["properties"]["DBInstanceClass"]["enum"]:
                    _, family, size = name.split(".")
                    offered[family].add(size)
    classes = {family: set(sizes.split()) for family, sizes in table("classes", "storage").items()}
    assert classes == {family: sizes for family, sizes in offered.items() if family not in OLD}
