"""A container's arguments, as a program on this machine gets them."""

from __future__ import annotations

import pytest

from kfaws.harness.arguments import arguments_of


@pytest.mark.parametrize(
    ("given", "flags", "expected"),
    [
        (["--a=1", "--b", "2"], {}, ["--a=1", "--b", "2"]),
        (["--a=1", "--b", "2"], {"a": "3"}, ["--b", "2", "--a=3"]),
        (["--a=1", "--b", "2", "--c"], {"b": None}, ["--a=1", "--c"]),
        (["run", "--a", "1", "last"], {"a": None}, ["run", "last"]),
        (["--on", "--a=1"], {"on": "false"}, ["--a=1", "--on=false"]),
        (["--port", "$(PORT)", "--x=$(UNKNOWN)"], {}, ["--port", "8080", "--x=$(UNKNOWN)"]),
        (["--empty", ""], {"new": ""}, ["--empty", "", "--new="]),
    ],
)
def test_flags_are_kept_set_or_left_out(
    given: list[str], flags: dict[str, str | None], expected: list[str]
) -> None:
    assert arguments_of({"args": given}, {"PORT": "8080"}, flags) == expected
