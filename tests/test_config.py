"""Settings: every mistake names file, field and what was expected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from grader import config
from grader.errors import ConfigError
from grader.pack import LimitsEntry
from grader.settings_file import load_yaml


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("asignment: x", "asignment: unknown key; did you mean 'assignment'?"),
        (
            "limits: {seconds_per_cas: 2}",
            "limits.seconds_per_cas: unknown key; did you mean 'seconds_per_case'?",
        ),
        ("limits: {memory_mb: lots}", "limits.memory_mb: expected"),
        ("limits: {seconds_per_case: -1}", "limits.seconds_per_case: expected"),
        ("sandbox: none", "sandbox: invalid enum value"),
        ("hints: 7", "hints: expected"),
        ("- a\n- b", "the file: expected"),
        ("a: b: c", "line 1, column 5: not valid YAML"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        config.load_settings(path)
    assert says in str(raised.value)
    assert str(path) in str(raised.value)


def test_every_key_has_a_default(tmp_path: Path) -> None:
    settings = config.load_settings(write(tmp_path, ""))
    assert settings.file.sandbox == "auto"
    assert settings.assignments_dir == tmp_path / "assignments"
    assert settings.secret is None


def test_the_file_is_found_from_a_folder_below(tmp_path: Path) -> None:
    write(tmp_path, "assignment: warm_up")
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert config.load_settings(start=tmp_path / "a" / "b").file.assignment == "warm_up"


def test_a_secret_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEED", "abc")
    assert config.load_settings(write(tmp_path, "hidden_seed: env:SEED")).secret == b"abc"
    (tmp_path / "seed").write_bytes(b"xyz\n")
    assert config.load_settings(write(tmp_path, "hidden_seed: file:seed")).secret == b"xyz"


@pytest.mark.parametrize("source", ["env:NOT_SET", "file:absent", "abc", "env:"])
def test_a_secret_that_cannot_be_had_is_an_error_not_a_default(tmp_path: Path, source: str) -> None:
    with pytest.raises(ConfigError, match="hidden_seed"):
        _ = config.load_settings(write(tmp_path, f"hidden_seed: '{source}'")).secret


def test_later_limits_win_field_by_field() -> None:
    limits = config.limits(LimitsEntry(memory_mb=100, output_kb=5), LimitsEntry(memory_mb=200))
    assert (limits.memory_mb, limits.output_kb) == (200, 5)


def test_an_unknown_assignment_names_the_nearest(tmp_path: Path) -> None:
    folder = tmp_path / "assignments" / "warm_up"
    folder.mkdir(parents=True)
    (folder / "assignment.yaml").write_text("", encoding="utf-8")
    settings = config.load_settings(write(tmp_path, ""))
    with pytest.raises(ConfigError, match="did you mean 'warm_up'"):
        config.find_pack(settings, "warmup")


# --------------------------------------------------------------------------- what is kept of YAML files


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of parsed files, in a place of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "stepgrader"


PLAIN = "a: 1\nb: [1.5, true, null, 'text', {c: größe}]\n"


def test_a_yaml_file_is_parsed_once(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(PLAIN, encoding="utf-8")
    first = load_yaml(file)
    assert len(list(kept.iterdir())) == 1
    monkeypatch.setattr(yaml, "load", None)  # not called again
    assert load_yaml(file) == first == {"a": 1, "b": [1.5, True, None, "text", {"c": "größe"}]}


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="this system has no owners of that kind")
def test_what_somebody_else_can_have_written_is_not_believed(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("points: 1\n")
    load_yaml(path)
    (found,) = kept.iterdir()
    found.write_text('{"points": 99}')
    found.chmod(0o666)
    assert load_yaml(path) == {"points": 1}
    found.unlink()
    os.mkfifo(found)  # nobody ever writes into it
    assert load_yaml(path) == {"points": 1}


@pytest.mark.parametrize("text", ["[" * 100_000, '"'])
def test_what_cannot_be_read_back_is_parsed_again(kept: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("points: 1\n")
    load_yaml(path)
    (found,) = kept.iterdir()
    found.write_text(text)
    assert load_yaml(path) == {"points": 1}


def test_a_list_in_itself_is_not_kept(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("&a [*a]\n")
    assert isinstance(load_yaml(path), list)


def test_a_changed_file_is_read_anew(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    for value in (1, 2):
        file.write_text(f"a: {value}\n")
        assert load_yaml(file) == {"a": value}


@pytest.mark.parametrize("text", ["when: 2026-11-20\n", "1: one\n", "x: .nan\n", "", "x: !!set {a, b}\n"])
def test_what_json_would_change_is_not_kept(kept: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(text)
    first = load_yaml(file)
    assert not list(kept.glob("*"))
    assert repr(load_yaml(file)) == repr(first)


def test_a_damaged_or_forbidden_folder_is_done_without(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(PLAIN, encoding="utf-8")
    first = load_yaml(file)
    (path,) = kept.iterdir()
    path.write_bytes(b'{"a": 1, "b"')
    assert load_yaml(file) == first
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))  # no folder
    assert load_yaml(file) == first


def test_a_file_that_is_no_yaml_is_refused_every_time(kept: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("a: [1\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"one\.yaml: line 2"):
            load_yaml(file)
    assert not list(kept.glob("*"))
