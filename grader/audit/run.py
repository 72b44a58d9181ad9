"""Runs every check of an audit, cheapest first."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from grader.audit import models, programs
from grader.audit.findings import Audit, Check
from grader.cases import prepare
from grader.config import Settings, limits
from grader.pack import Pack
from grader.sandbox import open_runner
from grader.settings_file import convert, load_yaml


class EquivalentMutants(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Mutants that no input can tell from the reference, and why."""

    reason: str
    changes: tuple[str, ...]


class RightTogether(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Pairs of fault models that undo each other, and why."""

    reason: str
    pairs: tuple[str, ...]


class AuditFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``audit.yaml`` of a pack."""

    equivalent_mutants: tuple[EquivalentMutants, ...] = ()
    right_together: tuple[RightTogether, ...] = ()


def audit(pack: Pack, settings: Settings, sandbox: str, tell: Callable[[Check], None]) -> Audit:
    """The audit of ``pack``; ``tell`` hears of each check as it is done.

    Raises NotGraded or ConfigError where the pack cannot even be run.
    """
    path = pack.folder / "audit.yaml"
    known = convert(load_yaml(path), AuditFile, path) if path.exists() else AuditFile()
    together = {pair: group.reason for group in known.right_together for pair in group.pairs}
    equivalent = {change: group.reason for group in known.equivalent_mutants for change in group.changes}
    cases = prepare(pack, settings.secret)
    allowed = limits(pack.limits, settings.file.limits)
    fault_models = pack.fault_models
    checks: list[Check] = []

    def done(check: Check) -> None:
        checks.append(check)
        tell(check)

    with open_runner(sandbox, python=settings.file.runtime.python, limits=allowed) as runner:
        grader = programs.Grader(pack, cases, runner, allowed)
        done(programs.reference_passes(grader))
        done(programs.trivial_ones_fail(grader))
        done(programs.right_ones_pass(grader))
        done(programs.samples_match(grader))
        if (pack.folder / "notebook.ipynb").exists():
            done(programs.handout_fails(grader))
        swept = models.sweep(pack, cases, fault_models)
        done(models.single_models(swept))
        done(models.told_apart(swept, pack.misconceptions))
        done(models.pairs_of_faults(pack, cases, fault_models, together))
        done(programs.mutants_die(grader, equivalent))
    tables = {
        "Which property catches which fault": models.property_table(swept),
        "Which case catches how many faults": models.case_table(cases, swept),
        "Which hidden cases catch which fault": models.kill_table(swept),
    }
    return Audit(pack.name, tuple(checks), tables)
