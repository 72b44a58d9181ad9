"""The layers of the engine: a module imports only from lower ones, and every module has a layer."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "grader"

#: Longest matching prefix decides.
LAYERS = {
    "grader.errors": 0,
    "grader.model": 1,
    "grader.settings_file": 2,
    "grader.notebook": 2,
    "grader.extract": 2,
    "grader.compare": 2,
    "grader.pack": 2.5,
    "grader.config": 2.7,
    "grader.sandbox.protocol": 2,
    "grader.sandbox.lockdown": 2,
    "grader.sandbox": 3,
    "grader.cases": 3,
    "grader.draws": 3,
    "grader.properties": 3,
    "grader.findings": 3,
    "grader.score": 3,
    "grader.diagnose": 3,
    "grader.twin": 3,
    "grader.judge": 3.5,
    "grader.report": 4,
    "grader.pipeline": 5,
    "grader.audit": 5.2,
    "grader.release": 5.2,
    "grader.export": 5.2,
    "grader.store": 4,
    "grader.batch": 5.2,
    "grader.checker": 5.2,
    "grader.cli": 6,
    "grader.__main__": 7,
    "grader": 0,
}


def layer(module: str) -> float:
    names = module.split(".")
    for end in range(len(names), 1, -1):
        if (found := LAYERS.get(".".join(names[:end]))) is not None:
            return found
    assert module == "grader", f"{module} has no layer: add it to LAYERS"
    return LAYERS["grader"]


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def imports(name: str, path: Path) -> set[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    known = {n for n, _ in modules()}
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(
                    filter(None, [*package.split(".")[: len(package.split(".")) - node.level + 1], base])
                )
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in known else base for a in node.names}
    return {m for m in found if m.split(".")[0] == "grader"}


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda v: v if isinstance(v, str) else "")
def test_a_module_imports_only_from_lower_layers(name: str, path: Path) -> None:
    own = layer(name)
    package = ".".join(name.split(".")[:2])
    for used in imports(name, path):
        if used == name or ".".join(used.split(".")[:2]) == package:
            continue  # inside one package files may know each other
        assert layer(used) <= own, f"{name} (layer {own}) imports {used} (layer {layer(used)})"


def test_the_engine_never_imports_a_pack_or_a_reference() -> None:
    for _, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not {n.split(".")[0] for n in names} & {"assignments", "reference", "tests"}, path
