"""`kfaws new`: an environment is written whole or not at all, whatever goes wrong."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from kfaws.cli import INTERRUPTED, run_reporting_errors
from kfaws.generator.answers import read_answers
from kfaws.generator.errors import KfawsError
from kfaws.generator.run import run
from kfaws.generator.scaffold import Request, Source, copy, template_folder
from tests.conftest import ANSWERS, PROJECT

VANILLA = ANSWERS / "valid" / "vanilla.yml"
New = Callable[..., tuple[int, str]]
LARGE = 1 << 20


@pytest.fixture
def new(questionnaire: Path, capsys: pytest.CaptureFixture[str]) -> New:
    """Run `kfaws new` in this process; returns its exit code and what it said on stderr."""

    def command(folder: Path, *options: str | Path, template: str | Path = questionnaire) -> tuple[int, str]:
        arguments = ["new", str(folder), "--template", str(template), *map(str, options)]
        code = run_reporting_errors(arguments, debug=False)
        return code, capsys.readouterr().err

    return command


def recorded(folder: Path) -> dict[str, object]:
    loaded = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_missing_parents_are_made(new: New, tmp_path: Path) -> None:
    folder = tmp_path / "environments" / "one"
    code, said = new(folder, "--answers", VANILLA)
    assert code == 0, said
    assert recorded(folder)["cluster_name"] == "kube-eks-cluster"
    assert "The environment 'kubeflow' is written" in said
    assert f"kfaws check {folder}" in said


def test_a_clone_with_nothing_in_it_is_filled(new: New, tmp_path: Path) -> None:
    run(["git", "init", "--quiet", tmp_path / "clone"])
    code, said = new(tmp_path / "clone", "--answers", VANILLA)
    assert code == 0, said
    assert sorted(entry.name for entry in (tmp_path / "clone").iterdir()) == [".copier-answers.yml", ".git"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["clone"]


def test_an_occupied_folder_is_left_alone(new: New, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    code, said = new(tmp_path, "--answers", VANILLA)
    assert code == 1
    assert said.count("\n") == 1
    assert "is not empty (it holds notes.txt)" in said
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_no_destination(new: New, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    code, said = new(tmp_path / "file", "--answers", VANILLA)
    assert code == 1
    assert "is not a folder; name a new one" in said
    assert (tmp_path / "file").read_text() == "mine"


def test_a_refused_answer_makes_no_parent(new: New, tmp_path: Path) -> None:
    code, said = new(tmp_path / "deep" / "er", "--answers", ANSWERS / "invalid" / "region-misspelt.yml")
    assert code == 1
    assert said == "kfaws: aws_region: 'us-west2' is not a region; did you mean us-west-2?\n"
    assert not list(tmp_path.iterdir())


def test_without_answers_and_terminal_the_first_missing_one_is_named(new: New, tmp_path: Path) -> None:
    code, said = new(tmp_path / "environment")
    assert code == 1
    assert said.startswith("kfaws: aws_account_id: has no answer; add it to the answers file: ")
    assert not list(tmp_path.iterdir())


def test_a_region_without_cluster_is_refused(new: New, tmp_path: Path) -> None:
    code, said = new(tmp_path / "environment", "--region", "us-west-2")
    assert code == 1
    assert "--region says where --cluster is" in said


def interrupt_at(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """Let the call-th file that is written be the moment at which somebody presses Ctrl-C."""
    write, calls = Path.write_bytes, iter(range(1, call + 1))

    def written(path: Path, data: bytes) -> int:
        if next(calls) == call:
            raise KeyboardInterrupt
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", written)


@pytest.mark.parametrize("exists", [False, True])
def test_ctrl_c_leaves_nothing(
    new: New, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    folder = tmp_path / "environment"
    if exists:
        folder.mkdir()
    interrupt_at(monkeypatch, 5)
    code, said = new(folder, "--answers", VANILLA, template=template)
    assert code == INTERRUPTED
    assert "nothing was left half-written" in said
    assert list(tmp_path.rglob("*")) == ([folder] if exists else [])


def test_a_move_that_fails_half_way_is_undone(
    questionnaire: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    run(["cp", "-r", questionnaire, source])
    (source / "template" / "zz.txt").write_text("the last one")
    folder = tmp_path / "environment"
    folder.mkdir()
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if target == folder / "zz.txt":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="No space left"):
        copy(Request(Source(str(source)), folder, read_answers(VANILLA)))
    assert not list(folder.iterdir())


def test_a_full_disk_is_one_line(questionnaire: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: a write is refused half-way."""
    source = tmp_path / "source"
    run(["cp", "-r", questionnaire, source])
    (source / "template" / "large.txt").write_bytes(bytes(2 * LARGE))
    kfaws = Path(sys.executable).with_name("kfaws")
    done = subprocess.run(
        [kfaws, "new", tmp_path / "environment", "--template", source, "--answers", VANILLA],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LARGE, LARGE)),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("kfaws: File too large")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file:///nowhere/template.git", "check the URL and your access to it"),
        ("/nowhere/template", "check that it is this project's template"),
    ],
)
def test_an_unreachable_template_is_one_line(new: New, tmp_path: Path, url: str, says: str) -> None:
    code, said = new(tmp_path / "environment", "--answers", VANILLA, template=url)
    assert code == 1
    assert said.startswith(f"kfaws: template {url}: ")
    assert says in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_template_that_would_run_programs_is_refused(new: New, questionnaire: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "template"
    run(["cp", "-r", questionnaire, foreign])
    layout = foreign / "copier.yml"
    layout.write_text('_tasks: ["touch ran"]\n' + layout.read_text())
    code, said = new(tmp_path / "environment", "--answers", VANILLA, template=foreign)
    assert code == 1
    assert "unsafe feature" in said
    assert not (tmp_path / "environment").exists()


def test_a_template_in_git_is_recorded_with_its_version(
    new: New, questionnaire: Path, tmp_path: Path
) -> None:
    source = tmp_path / "template"
    run(["cp", "-r", questionnaire, source])
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    run(["git", "init", "--quiet"], cwd=source)
    run(["git", "add", "."], cwd=source)
    run(["git", *identity, "commit", "--quiet", "--message", "Template"], cwd=source)
    run(["git", *identity, "tag", "v1.0.0"], cwd=source)
    code, said = new(tmp_path / "environment", "--answers", VANILLA, template=f"git+{source.as_uri()}")
    assert code == 0, said
    assert recorded(tmp_path / "environment")["_src_path"] == f"git+{source.as_uri()}"
    assert recorded(tmp_path / "environment")["_commit"] == "v1.0.0"


def test_a_person_is_asked_for_what_is_missing(questionnaire: Path, tmp_path: Path) -> None:
    copy(Request(Source(str(questionnaire)), tmp_path / "first", read_answers(VANILLA)))
    answers = read_answers(tmp_path / "first" / ".copier-answers.yml")
    del answers["cluster_name"]
    clear = "\x15"
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(f"my cluster\r{clear}my-cluster\r")
        copy(Request(Source(str(questionnaire)), tmp_path / "second", answers, ask=True))
    assert recorded(tmp_path / "second")["cluster_name"] == "my-cluster"


def test_a_person_who_gives_up_leaves_nothing(questionnaire: Path, tmp_path: Path) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("\x03")
        with pytest.raises(KeyboardInterrupt):
            copy(Request(Source(str(questionnaire)), tmp_path / "environment", {}, ask=True))
    assert not list(tmp_path.iterdir())


def test_settings_of_the_user_change_nothing(
    questionnaire: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.yml"
    settings.write_text("defaults: {environment_name: elsewhere}\n")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(settings))
    copy(Request(Source(str(questionnaire)), tmp_path / "environment", read_answers(VANILLA)))
    assert recorded(tmp_path / "environment")["environment_name"] == "kubeflow"


def test_an_error_inside_a_template_names_the_file(questionnaire: Path, tmp_path: Path) -> None:
    broken = tmp_path / "template"
    run(["cp", "-r", questionnaire, broken])
    (broken / "template" / "claim.yaml.jinja").write_text("name: x\nid: #{ no_such_answer }#\n")
    with pytest.raises(KfawsError, match=r"claim\.yaml\.jinja line 2: 'no_such_answer' is undefined"):
        copy(Request(Source(str(broken)), tmp_path / "environment", read_answers(VANILLA)))
    assert not (tmp_path / "environment").exists()


def test_in_a_checkout_the_template_is_the_checkout() -> None:
    assert template_folder() == PROJECT
