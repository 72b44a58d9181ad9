"""Do the cases catch every fault model, alone and in pairs, and tell them apart?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations

from grader.audit.answers import answer, answers, signature
from grader.audit.findings import Check, Finding
from grader.cases import CaseSet, Prepared
from grader.model import CaseResult, FaultModel, Outcome, Visibility
from grader.pack import Misconception, Pack

Table = tuple[tuple[str, ...], ...]
Swept = Mapping[str, list[tuple[FaultModel, tuple[CaseResult, ...]]]]


def sweep(pack: Pack, cases: CaseSet, models: Sequence[FaultModel]) -> Swept:
    """Every model's answers to every case of its function."""
    found: dict[str, list[tuple[FaultModel, tuple[CaseResult, ...]]]] = {f: [] for f in pack.wanted}
    for model in models:
        results = answers(model.run, cases.functions[model.function], pack.function(model.function))
        found[model.function].append((model, results))
    return found


def caught(results: Sequence[CaseResult], visibility: Visibility | None = None) -> list[CaseResult]:
    """The cases that cost points and were not answered right."""
    return [
        r
        for r in results
        if r.outcome is not Outcome.CORRECT
        and r.case.points > 0
        and (visibility is None or r.case.visibility is visibility)
    ]


def single_models(swept: Swept) -> Check:
    """Every model must lose points on a hidden case, or, where hidden ones cannot, on a public one."""
    findings, total, hidden, public = [], 0, 0, 0
    for models in swept.values():
        for model, results in models:
            total += 1
            hidden += bool(caught(results, Visibility.HIDDEN))
            public += bool(caught(results, Visibility.PUBLIC))
            if not caught(results):
                findings.append(
                    Finding(
                        "fault models", f"{model.function}: {model.label} keeps full marks: no case sees it"
                    )
                )
            elif not caught(results, Visibility.HIDDEN):
                where = ", ".join(r.case.name for r in caught(results))
                findings.append(
                    Finding(
                        "fault models",
                        f"{model.function}: {model.label} is caught by public cases only ({where})",
                        sound=True,
                    )
                )
    summary = f"{hidden} of {total} lose points on a hidden case; public cases alone catch {public}"
    return Check("fault models", summary, tuple(findings))


def told_apart(swept: Swept, pages: Mapping[str, Misconception]) -> Check:
    """Models of different pages that answer every case alike must be declared synonyms."""
    findings, pairs, alike = [], 0, 0
    for function, models in swept.items():
        pairs += len(models) * (len(models) - 1) // 2
        groups: dict[str, list[FaultModel]] = {}
        for model, results in models:
            groups.setdefault(signature(results), []).append(model)
        for group in groups.values():
            ids = tuple(dict.fromkeys(m.misconception for m in group))
            alike += len(group) * (len(group) - 1) // 2
            undeclared = [(a, b) for a, b in combinations(ids, 2) if not _synonyms(a, b, pages, group)]
            for a, b in undeclared:
                findings.append(
                    Finding(
                        "told apart",
                        f"{function}: no case tells {a} from {b}; not declared synonyms",
                        sound=True,
                    )
                )
    return Check(
        "told apart", f"{pairs - alike} of {pairs} pairs of models answer differently", tuple(findings)
    )


def _synonyms(a: str, b: str, pages: Mapping[str, Misconception], group: Sequence[FaultModel]) -> bool:
    declared = {(m.misconception, s) for m in group for s in m.synonyms}
    for one, other in ((a, b), (b, a)):
        if (one, other) in declared or (one in pages and other in pages[one].synonyms):
            return True
    return False


def pairs_of_faults(
    pack: Pack, cases: CaseSet, models: Sequence[FaultModel], accepted: Mapping[str, str]
) -> Check:
    """Two faults at once must still lose points, but for pairs that undo each other."""
    findings, total, survived = [], 0, 0
    unused = {_in_any_order(label): label for label in accepted}
    for first, second, run in combined(models):
        total += 1
        spec = pack.function(first.function)
        by_cost = sorted(cases.functions[first.function], key=_promise)
        if not any(answer(run, item, spec).outcome is not Outcome.CORRECT for item in by_cost):
            label = f"{first.function}: {first.label} + {second.label}"
            if unused.pop(_in_any_order(label), None) is not None:
                continue
            survived += 1
            findings.append(Finding("pairs of faults", f"{label} keeps full marks", sound=True))
    for label in unused.values():
        findings.append(Finding("pairs of faults", f"audit.yaml lists what does not occur: {label}"))
    known = len(accepted) - len(unused)
    share = 100.0 * (total - survived) / total if total else 100.0
    if share < 99.9:
        findings.append(Finding("pairs of faults", f"{share:.2f} % of the pairs are caught, expected 99.9 %"))
    summary = f"{total - survived - known} of {total} lose points ({share:.2f} %); {known} are right together"
    return Check("pairs of faults", summary, tuple(findings))


def _in_any_order(label: str) -> tuple[str, frozenset[str]]:
    """``function: one + other`` is the same pair as ``function: other + one``."""
    function, _, pair = label.partition(": ")
    return function, frozenset(pair.split(" + "))


def _promise(item: Prepared) -> tuple[bool, int]:
    """The order in which cases are tried: value cases before properties, cheap ones first."""
    return (bool(item.case.property_id) or item.case.points == 0, item.cost)


def combined(models: Sequence[FaultModel]) -> Iterator[tuple[FaultModel, FaultModel, Callable[..., object]]]:
    """Every two models that can be put together, and the function with both faults."""
    for first, second in combinations(models, 2):
        run_with = first.run_with
        if run_with is None or run_with is not second.run_with or first.function != second.function:
            continue
        if set(first.settings) & set(second.settings):
            continue
        yield first, second, partial(run_with, {**first.settings, **second.settings})


def property_table(swept: Swept) -> Table:
    """For each property how many models it catches, and those that nothing else of its kind catches."""
    rows = [("function", "property", "catches", "of", "only this property catches")]
    for function, models in swept.items():
        catches: dict[str, set[str]] = {}
        for model, results in models:
            for r in results:
                if r.case.property_id:
                    catches.setdefault(r.case.property_id, set())
                    if r.outcome is not Outcome.CORRECT:
                        catches[r.case.property_id].add(model.label)
        for name, labels in catches.items():
            others = set().union(*(v for k, v in catches.items() if k != name))
            alone = sorted(labels - others)
            rows.append((function, name, str(len(labels)), str(len(models)), ", ".join(alone)))
    return tuple(rows)


def case_table(cases: CaseSet, swept: Swept) -> Table:
    """For each case how many models it catches and what the reference takes."""
    rows = [("function", "case", "seen by", "points", "catches", "of", "reference ms")]
    for function, prepared in cases.functions.items():
        for position, item in enumerate(prepared):
            wrong = sum(results[position].outcome is not Outcome.CORRECT for _, results in swept[function])
            rows.append(
                (
                    function,
                    item.case.name,
                    item.case.visibility.value,
                    f"{item.case.points:.2f}",
                    str(wrong),
                    str(len(swept[function])),
                    f"{1e3 * sum(item.seconds):.2f}",
                )
            )
    return tuple(rows)


def kill_table(swept: Swept) -> Table:
    """For each model the hidden cases that catch it."""
    rows = [("function", "fault model", "caught by")]
    for function, models in swept.items():
        for model, results in models:
            names = [r.case.name for r in caught(results, Visibility.HIDDEN)]
            rows.append((function, model.label, "; ".join(names)))
    return tuple(rows)
