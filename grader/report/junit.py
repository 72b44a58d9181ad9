"""JUnit XML for CI: a suite for each function, a testcase for each case.

A wrong answer is a ``failure``: the check ran and said no. What ended without an answer (exception,
time limit, kill) is an ``error``. What was not asked, or not graded through our fault, is ``skipped``.
The properties stand at the suite: Jenkins' schema knows none at a testcase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from grader.model import CaseResult, FunctionResult, Outcome, Report, Visibility
from grader.report.audience import Audience, for_audience
from grader.report.words import OUTCOME_WORDS, all_notes, clean, raised_by

_ELEMENTS = {
    Outcome.WRONG: "failure",
    Outcome.MISSING: "failure",
    Outcome.RAISED: "error",
    Outcome.TIMED_OUT: "error",
    Outcome.KILLED: "error",
    Outcome.NOT_RUN: "skipped",
    Outcome.UNGRADED: "skipped",
}

#: What XML 1.0 cannot hold, not even escaped. ``clean`` leaves only what lies beyond it.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, audience: Audience, **_: object) -> str:
    """The report as one JUnit XML document."""
    return render_many([report], audience)


def render_many(reports: Iterable[Report], audience: Audience, **_: object) -> str:
    """Several reports as one document: CI looks for one file."""
    seen = [for_audience(report, audience) for report in reports]
    suites = [suite for report in seen for suite in _suites(report, alone=len(seen) == 1)]
    name = ", ".join(dict.fromkeys(report.assignment for report in seen))
    root = ET.Element("testsuites", _attributes(name=name, **_totals(suites)))
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suites(report: Report, *, alone: bool) -> list[ET.Element]:
    suites = [_suite(f, report) for f in report.functions]
    if report.status != "graded" and not suites:
        suites = [_not_graded_suite(report)]
    if not alone:
        for suite in suites:
            suite.set("name", _xml(f"{report.submission.name}: {suite.get('name', '')}"))
    return suites


def _suite(function: FunctionResult, report: Report) -> ET.Element:
    suite = ET.Element("testsuite")
    properties = {
        "submission": report.submission.name,
        "submission_sha256": report.submission.sha256,
        "status": function.status.value,
        "score": repr(function.score),
        "max_score": repr(function.max_score),
        "follow_through": str(function.follow_through).lower(),
        "blamed": " ".join(function.blamed),
        "diagnosis": " ".join(d.id for d in function.diagnoses),
        "detail": function.detail,
        **{f"follow_through:{r.case.name}": "true" for r in function.cases if r.follow_through},
        **{f"note:{k}": note.message for k, note in enumerate(all_notes(report), start=1)},
    }
    listed = ET.SubElement(suite, "properties")
    for key, value in properties.items():
        if value:
            ET.SubElement(listed, "property", _attributes(name=key, value=value))
    class_name = f"{report.assignment}.{function.name}"
    for result in function.cases:
        suite.append(_testcase(result, class_name))
    _count(suite, function.name)
    return suite


def _testcase(result: CaseResult, class_name: str) -> ET.Element:
    case = result.case
    hidden = case.visibility is Visibility.HIDDEN
    names = _attributes(name=case.name if hidden else f"{case.group}: {case.name}", classname=class_name)
    testcase = ET.Element("testcase", {**names, "time": _seconds(result.seconds)})
    if result.outcome is Outcome.CORRECT:
        return testcase
    message = result.detail or OUTCOME_WORDS[result.outcome]
    element = ET.SubElement(testcase, _ELEMENTS[result.outcome], _attributes(message=message))
    if element.tag != "skipped":
        raised = raised_by(result)
        element.set("type", _xml(raised.type_name if raised is not None else result.outcome.value))
        places = "".join(f"\n  {place}" for place in raised.places) if raised is not None else ""
        element.text = _xml(f"{case.meaning}\n" if case.meaning else "") + _xml(message) + places
    return testcase


def _not_graded_suite(report: Report) -> ET.Element:
    suite = ET.Element("testsuite")
    testcase = ET.SubElement(suite, "testcase", _attributes(name="grading", classname=report.assignment))
    testcase.set("time", _seconds(0.0))
    ET.SubElement(testcase, "skipped", _attributes(message=report.reason or "not graded"))
    _count(suite, report.assignment)
    return suite


def _count(suite: ET.Element, name: str) -> None:
    cases = suite.findall("testcase")
    suite.attrib.update(
        _attributes(
            name=name,
            tests=len(cases),
            failures=sum(c.find("failure") is not None for c in cases),
            errors=sum(c.find("error") is not None for c in cases),
            skipped=sum(c.find("skipped") is not None for c in cases),
            time=_seconds(sum(float(c.get("time", "0")) for c in cases)),
        )
    )


def _totals(suites: list[ET.Element]) -> dict[str, object]:
    counts: dict[str, object] = {
        key: sum(int(s.get(key, "0")) for s in suites) for key in ("tests", "failures", "errors")
    }
    return {**counts, "time": _seconds(sum(float(s.get("time", "0")) for s in suites))}


def _seconds(value: float) -> str:
    return f"{value:.4f}"


def _attributes(**values: object) -> dict[str, str]:
    return {key: _xml(str(value)) for key, value in values.items()}


def _xml(value: str) -> str:
    return _NOT_XML.sub("\ufffd", clean(value))
