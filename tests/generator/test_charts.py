"""Charts as Argo CD renders them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kfaws.generator.charts import template
from kfaws.generator.errors import KfawsError
from tests.generator.samples import CHART, write


@pytest.fixture
def chart(tmp_path: Path, helm_program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KFAWS_HELM", str(helm_program))
    return write(tmp_path / "repository", CHART) / "chart"


def test_release_namespace_version_and_values(chart: Path) -> None:
    crd, settings = template(chart, {"valuesObject": {"replicas": 3}}, "app", "there", "1.35")
    assert crd["kind"] == "CustomResourceDefinition"
    assert settings["metadata"] == {"name": "app", "namespace": "there"}
    assert settings["data"] == {"replicas": "3", "kubernetes": "v1.35.0"}


@pytest.mark.parametrize(
    ("options", "replicas"),
    [
        ({"values": "replicas: 4"}, "4"),
        ({"values": "replicas: 4", "valuesObject": {"replicas": 5}}, "5"),
        ({"valueFiles": ["more.yaml"]}, "6"),
        ({"values": "replicas: 4", "parameters": [{"name": "replicas", "value": "7"}]}, "7"),
    ],
)
def test_where_values_come_from(chart: Path, options: dict[str, Any], replicas: str) -> None:
    write(chart, {"more.yaml": "replicas: 6\n"})
    assert template(chart, options, "app", "there", "1.35")[1]["data"]["replicas"] == replicas


def test_release_name_and_custom_resource_definitions(chart: Path) -> None:
    [settings] = template(chart, {"releaseName": "other", "skipCrds": True}, "app", "there", "1.35")
    assert settings["metadata"]["name"] == "other"


def test_a_dependency_that_is_on_but_not_there(chart: Path) -> None:
    options = {"valuesObject": {"extra": {"enabled": True}}}
    with pytest.raises(KfawsError, match="chart chart needs chart extra, which is not in its repository"):
        template(chart, options, "app", "there", "1.35")


def test_the_chart_s_own_folder_is_left_alone(chart: Path) -> None:
    template(chart, {}, "app", "there", "1.35")
    assert (chart / "Chart.yaml").read_text() == CHART["chart/Chart.yaml"]


def test_an_option_that_we_do_not_know(chart: Path) -> None:
    with pytest.raises(KfawsError, match="helm option fileParameters is not supported here"):
        template(chart, {"fileParameters": []}, "app", "there", "1.35")


def test_no_chart(tmp_path: Path) -> None:
    with pytest.raises(KfawsError, match=r"is no chart: it has no Chart\.yaml"):
        template(tmp_path, {}, "app", "there", "1.35")
