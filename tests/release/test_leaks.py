"""The search for leaks: it finds nothing in what is released, and a planted leak of each kind."""

from __future__ import annotations

import base64
import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.cases import CaseSet, prepare
from grader.model import Visibility
from grader.pack import Pack, find_packs, load_pack
from grader.release.handout import HandOut, leaks, make, secrets_of
from grader.release.leaks import Leak, Secrets, search

SEED = b"\x93the secret of a course\xff!"
ASSIGNMENTS = Path(__file__).resolve().parents[2] / "assignments"
NOTEBOOK = "conv_step_by_step.ipynb"


@pytest.fixture(scope="module")
def secrets(conv: Pack, conv_cases: CaseSet, hand_out: HandOut) -> Secrets:
    return secrets_of(conv, conv_cases, SEED, hand_out.solutions)


def hidden_array(cases: CaseSet, function: str = "conv_forward") -> np.ndarray[Any, Any]:
    """The first input of a hidden case."""
    prepared = next(p for p in cases.functions[function] if p.case.visibility is Visibility.HIDDEN)
    array = prepared.case.inputs[0]
    assert isinstance(array, np.ndarray)
    return array


def planted(
    hand_out: HandOut, text: str, *, cell: str = "pad-text", kind: str = "source"
) -> dict[str, bytes]:
    """A file of the hand-out with ``text`` in a cell (source, output, metadata) or in the README."""
    if kind == "readme":
        return {"README.md": hand_out.files["README.md"] + text.encode()}
    notebook = json.loads(hand_out.files[NOTEBOOK])
    (found,) = (c for c in notebook["cells"] if c["id"] == cell)
    if kind == "source":
        found["source"] = "".join(found["source"]) + "\n\n" + text
    elif kind == "output":
        found["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}
        ]
    else:
        found["metadata"]["note"] = {"from": text}
    return {NOTEBOOK: json.dumps(notebook).encode()}


def kinds(found: tuple[Leak, ...]) -> set[str]:
    return {leak.kind for leak in found}


# --------------------------------------------------------------------------- nothing is given away


@pytest.mark.parametrize("name", [p.name for p in find_packs(ASSIGNMENTS) if (p / "notebook.ipynb").exists()])
def test_no_bundled_assignment_gives_anything_away(name: str) -> None:
    pack = load_pack(ASSIGNMENTS / name)
    cases = prepare(pack, SEED)
    assert leaks(make(pack, cases, install=""), pack, cases, SEED) == ()


def test_it_would_find_the_solutions_in_the_instructor_s_own_notebook(conv: Pack, secrets: Secrets) -> None:
    found = search({NOTEBOOK: (conv.folder / "notebook.ipynb").read_bytes()}, secrets)
    places = {leak.where for leak in found}
    for cell in ("zero-pad", "single-step", "forward", "backward"):
        assert f"{NOTEBOOK}, cell {cell}" in places
    assert {"the solution", "a line of the solution", "an instructor's marker"} <= kinds(found)


# --------------------------------------------------------------------------- planted, one of each kind

LINE = "dA_prev_pad[i, rows, columns, :] += share * W[..., c]"
SOLUTION = [
    pytest.param(f"```python\n{LINE}\n```", {"cell": "pad-text"}, id="in a fenced block"),
    pytest.param(f"    {LINE}", {"cell": "pad-text"}, id="in an indented block"),
    pytest.param(f"Think of `{LINE}`.", {"cell": "pad-text"}, id="inline"),
    pytest.param(LINE, {"cell": "pad-text"}, id="in the text itself"),
    pytest.param(f"# {LINE}", {"cell": "zero-pad"}, id="commented out in the stub"),
    pytest.param(f"x = 1  # {LINE}", {"cell": "pad-try"}, id="behind a line of code"),
    pytest.param(LINE, {"cell": "pad-try"}, id="as code"),
    pytest.param(LINE.replace(" ", "   "), {"cell": "pad-text"}, id="spaced out"),
    pytest.param(f'hint = "{LINE}"', {"cell": "pad-try"}, id="in a text in the code"),
    pytest.param(LINE, {"cell": "pad-try", "kind": "output"}, id="in an output"),
    pytest.param(LINE, {"cell": "pad-try", "kind": "metadata"}, id="in a cell's metadata"),
    pytest.param(LINE, {"kind": "readme"}, id="in the README"),
]


@pytest.mark.parametrize(("text", "where"), SOLUTION)
def test_a_statement_of_a_solution_is_found_wherever_it_stands(
    text: str, where: dict[str, str], hand_out: HandOut, secrets: Secrets
) -> None:
    found = search(planted(hand_out, text, **where), secrets)
    assert kinds(found) & {"the solution", "a line of the solution"}
    place = "README.md" if where.get("kind") == "readme" else f"cell {where['cell']}"
    assert all(place in leak.where for leak in found)


def test_other_variable_names_do_not_hide_a_statement(hand_out: HandOut, secrets: Secrets) -> None:
    renamed = "frame_of[k, vertical, horizontal, :] += piece * weights[..., n]"
    assert "the solution with other names" in kinds(search(planted(hand_out, f"`{renamed}`"), secrets))


def test_a_name_that_only_the_solution_uses_is_found(hand_out: HandOut, secrets: Secrets) -> None:
    found = search(planted(hand_out, "Call the framed gradient dA_prev_pad."), secrets)
    assert found == (Leak("a name that the solution made up", f"{NOTEBOOK}, cell pad-text", "dA_prev_pad"),)


def test_an_unusual_constant_is_found(conv: Pack, conv_cases: CaseSet, hand_out: HandOut) -> None:
    from grader.release.regions import Solution

    secrets = secrets_of(conv, conv_cases, None, (Solution("c", "    y = 0.044715 * x ** 3\n    z = 2 * y"),))
    found = search(planted(hand_out, "`0.044715 + x`"), secrets)
    assert [(leak.kind, leak.what) for leak in found] == [("a constant of the solution", "0.044715")]
    assert search(planted(hand_out, "`2 + x`"), secrets) == ()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("reference", "the reference"),
        ("misconceptions/models.py", "a fault model"),
        ("cases.py", "the cases"),
    ],
)
def test_the_pack_s_own_code_is_found(
    path: str, kind: str, conv: Pack, hand_out: HandOut, secrets: Secrets
) -> None:
    source = conv.reference_path if path == "reference" else conv.folder / path
    assert kind in kinds(search({"extra.py": source.read_bytes()}, secrets))


def test_the_name_and_the_words_of_a_misconception_are_found(
    conv: Pack, hand_out: HandOut, secrets: Secrets
) -> None:
    page = conv.misconceptions["kernel-flipped"]
    found = search(planted(hand_out, f"Beware of kernel-flipped. {page.summary}"), secrets)
    assert {"the name of a misconception", "the summary of a misconception"} <= kinds(found)


@pytest.mark.parametrize(
    "form", [str, repr, lambda a: str(a.tolist()), lambda a: " ".join(map(str, a.ravel()))]
)
@pytest.mark.parametrize("kind", ["source", "output", "readme"])
def test_numbers_of_a_hidden_case_are_found_in_a_text(
    form: Callable[[Any], str], kind: str, conv_cases: CaseSet, hand_out: HandOut, secrets: Secrets
) -> None:
    text = form(hidden_array(conv_cases))
    found = search(planted(hand_out, text, cell="pad-try", kind=kind), secrets)
    assert kinds(found) == {"numbers of a hidden case"}
    assert found[0].what.startswith("conv_forward: ")


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_numbers_of_a_hidden_case_are_found_in_the_arrays(
    dtype: str, conv_cases: CaseSet, hand_out: HandOut, secrets: Secrets
) -> None:
    name = "checks/conv_step_by_step.npz"
    with np.load(io.BytesIO(hand_out.files[name])) as archive:
        arrays = {key: archive[key] for key in archive.files}
    out = io.BytesIO()
    smuggled = np.concatenate([[1.0, 2.0], hidden_array(conv_cases).ravel()[5:20]]).astype(dtype)
    np.savez(out, **arrays, extra=smuggled)
    found = search({name: out.getvalue()}, secrets)
    assert found
    assert kinds(found) == {"numbers of a hidden case"}
    assert found[0].where == f"{name}, array extra"


def test_the_answer_to_a_hidden_case_is_found(
    conv_cases: CaseSet, hand_out: HandOut, secrets: Secrets
) -> None:
    prepared = next(
        p for p in conv_cases.functions["conv_backward"] if p.case.visibility is Visibility.HIDDEN
    )
    text = str(prepared.expected[0][1].ravel().tolist())
    assert "numbers of a hidden case" in kinds(search(planted(hand_out, text), secrets))


def test_a_telling_name_of_a_hidden_case_is_found(hand_out: HandOut, secrets: Secrets) -> None:
    text = "Try a stride larger than the filter, sizes that do not divide."
    assert "the name of a hidden case" in kinds(search(planted(hand_out, text), secrets))


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SEED.hex(), id="hexadecimal"),
        pytest.param(SEED.hex().upper(), id="hexadecimal, capitals"),
        pytest.param(base64.b64encode(SEED).decode(), id="base64"),
    ],
)
def test_the_seed_is_found_in_a_text(form: str, hand_out: HandOut, secrets: Secrets) -> None:
    assert "the secret seed" in kinds(search(planted(hand_out, form), secrets))


def test_the_seed_is_found_as_bytes(hand_out: HandOut, secrets: Secrets) -> None:
    assert "the secret seed" in kinds(search({"data.bin": b"x" + SEED + b"y"}, secrets))


def test_an_instructor_s_marker_is_found(hand_out: HandOut, secrets: Secrets) -> None:
    assert "an instructor's marker" in kinds(search(planted(hand_out, "### BEGIN HIDDEN"), secrets))


def test_a_stub_that_is_none_is_found(conv: Pack, conv_cases: CaseSet, hand_out: HandOut) -> None:
    notebook = json.loads(hand_out.files[NOTEBOOK])
    (cell,) = (c for c in notebook["cells"] if c["id"] == "zero-pad")
    cell["source"] = "".join(cell["source"]).replace("raise NotImplementedError", "return X * 0")
    changed = copy.copy(hand_out)
    object.__setattr__(changed, "files", {**hand_out.files, NOTEBOOK: json.dumps(notebook).encode()})
    found = leaks(changed, conv, conv_cases, SEED)
    assert [(leak.kind, leak.where) for leak in found] == [("no stub", f"{NOTEBOOK}, cell zero-pad")]


def test_text_inside_a_picture_is_read(hand_out: HandOut, secrets: Secrets) -> None:
    svg = f"<svg><text>{LINE}</text></svg>".encode()
    image = f'<img src="data:image/svg+xml;base64,{base64.b64encode(svg).decode()}">'
    assert "a line of the solution" in kinds(search(planted(hand_out, image), secrets))


# --------------------------------------------------------------------------- no false alarms


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Use `np.zeros` and `np.pad`, and look at `A_prev.shape`.", id="names of NumPy and arguments"
        ),
        pytest.param("`Z, cache = conv_forward(A_prev, W, b, hparameters)`", id="a call of the function"),
        pytest.param("`x = 1`, `return Z`, `i += 1`, `m = 3`", id="statements that are everybody's"),
        pytest.param("The numbers 1, 2, 3, 4, 5, 6, 7, 8, 9 and 10.", id="counting"),
        pytest.param("rows and columns, a frame of zeros, a share of the gradient", id="words"),
    ],
)
def test_what_is_everybody_s_is_no_leak(text: str, hand_out: HandOut, secrets: Secrets) -> None:
    assert search(planted(hand_out, text), secrets) == ()
