"""What the embedded platform's git gets of a repository, and of upstream."""

from __future__ import annotations

from pathlib import Path

import yaml

from kfaws.harness.charts import pack_dependencies
from kfaws.harness.left_out import leave_out
from kfaws.harness.servers.git_hosts import GitHosts


def repository(folder: Path) -> Path:
    apps = folder / "apps"
    apps.mkdir(parents=True)
    for name in ("first", "second"):
        (apps / f"{name}.yaml").write_text(
            yaml.safe_dump({"kind": "Application", "metadata": {"name": name}})
        )
    (apps / "kustomization.yaml").write_text("# in order\nresources:\n  - first.yaml\n  - second.yaml\n")
    return folder


def test_an_application_that_cannot_be_delivered_is_left_out(tmp_path: Path) -> None:
    folder = repository(tmp_path / "environment")
    leave_out(folder, ["first"])
    text = (folder / "apps" / "kustomization.yaml").read_text()
    assert "# in order" in text
    assert yaml.safe_load(text)["resources"] == ["second.yaml"]
    assert not (folder / "apps" / "first.yaml").exists()


def test_a_push_gives_the_files_that_changed_and_leaves_the_folder_alone(tmp_path: Path) -> None:
    folder = repository(tmp_path / "environment")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("a person's own")
    hosts = GitHosts(tmp_path / "git", "https://git.example.com/team/environment.git", "main")
    hosts.folder.mkdir()
    assert hosts.push(folder, {"first": "cannot be had"}) == []
    assert hosts.push(folder) == []
    (folder / "apps" / "second.yaml").write_text("metadata: {name: second, labels: {a: b}}\n")
    (folder / "new.txt").write_text("x")
    assert sorted(hosts.push(folder)) == ["apps/second.yaml", "new.txt"]
    assert (folder / "apps" / "first.yaml").exists()
    assert hosts.names == ["git.example.com"]


def test_a_dependency_that_a_chart_lacks_is_an_empty_chart(tmp_path: Path) -> None:
    (tmp_path / "chart").mkdir()
    description = {
        "name": "chart",
        "dependencies": [{"name": "other", "version": "1.2.3", "repository": "oci://registry.example.com"}],
    }
    (tmp_path / "chart" / "Chart.yaml").write_text(yaml.safe_dump(description))
    pack_dependencies(tmp_path)
    packed = yaml.safe_load((tmp_path / "chart" / "charts" / "other" / "Chart.yaml").read_text())
    assert packed == {"apiVersion": "v2", "name": "other", "version": "1.2.3"}
