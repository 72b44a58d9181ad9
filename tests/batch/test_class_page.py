"""``class.html``: what a class lost, believed and has in common, on one page that fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from grader.batch.summing import MOST_NAMES, sum_up
from grader.batch.task import CaseLine, Facts, FunctionLine, Summary, encode
from grader.report import classpage
from grader.report.classpage import ClassReport, Page
from grader.store import HandIn, Result, Store, open_store

FACTS = Facts(
    "conv",
    "Convolution",
    functions=(("pad", 10.0, True), ("conv", 30.0, True)),
    cases=(
        CaseLine("pad", "one", "values", "public", 4.0),
        CaseLine("pad", "two", "values", "hidden", 6.0),
        CaseLine("conv", "big", "values", "hidden", 30.0),
    ),
    fingerprint="c",
    pack="p",
    catalogue="m",
    engine="0.1 e",
    python="3",
    numpy="2",
    sandbox="strict",
    limits="",
)
PAGES = {"kernel-flipped": Page("kernel-flipped", "The kernel is turned", "# Why\n\nIt is *not*.\n")}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def hand_in(label: str, key: str, sha256: str = "") -> HandIn:
    return HandIn(label, f"{label}.py", label, f"/x/{label}", "", sha256 or key, key)


def result(
    key: str, pad: float, conv: float, letters: tuple[str, str] = ("cc", "c"), *traits: Any, **more: Any
) -> Result:
    status = more.get("status", "graded")
    lines = tuple(
        FunctionLine(name, "correct" if score == full else "partial", score, full, False, (), outcomes)
        for name, score, full, outcomes in (("pad", pad, 10.0, letters[0]), ("conv", conv, 30.0, letters[1]))
    )
    summary = Summary(status, more.get("reason", ""), pad + conv, 40.0, more.get("seconds", 1.0), lines)
    return Result(key, status, pad + conv, 40.0, summary.seconds, encode(summary), b"", traits)


def summed(store: Store, names: dict[str, str] | None = None) -> ClassReport:
    return sum_up(store, FACTS, ".json", names or {}, PAGES)


def test_scores_are_counted_for_every_hand_in_and_not_for_every_file(store: Store) -> None:
    store.set_class([hand_in("a", "k"), hand_in("b", "k"), hand_in("c", "l"), hand_in("d", "m")])
    store.save([result("k", 10, 30), result("l", 0, 10), result("m", 4, 0)], [])
    report = summed(store)
    assert (report.graded, report.mean, report.max_score) == (4, 23.5, 40.0)
    assert report.quartiles == (8.5, 25.0, 40.0)
    assert [bar.count for bar in report.bars] == [0, 1, 1, 0, 0, 0, 0, 0, 0, 2]


def test_points_are_lost_by_function_and_by_case(store: Store) -> None:
    store.set_class([hand_in("a", "k"), hand_in("b", "l")])
    store.save([result("k", 4, 30, ("cw", "c")), result("l", 0, 0, ("rt", "w"))], [])
    report = summed(store)
    assert [(f.name, f.lost) for f in report.functions] == [("pad", 8.0), ("conv", 15.0)]
    assert [(c.name, c.lost, c.failed, c.outcomes) for c in report.cases] == [
        ("big", 15.0, 1, (("wrong", 1),)),
        ("two", 6.0, 2, (("too slow", 1), ("wrong", 1))),
        ("one", 2.0, 1, (("exception", 1),)),
    ]


def test_an_ungraded_case_is_nobodys_loss(store: Store) -> None:
    store.set_class([hand_in("a", "k")])
    store.save([result("k", 10, 30, ("cu", "c"))], [])
    assert summed(store).cases == ()


def test_misconceptions_come_by_frequency_with_examples(store: Store) -> None:
    flipped = ("misconception", "conv", "kernel-flipped", "likely", 0)
    maybe = ("misconception", "pad", "kernel-flipped", "possible", 0)
    rare = ("misconception", "pad", "pad-skipped", "likely", 0)
    store.set_class([*(hand_in(f"s{k}", f"k{k}") for k in range(9)), hand_in("t", "k0")])
    results = [result(f"k{k}", 0, 0, ("ww", "w"), flipped, maybe) for k in range(8)]
    store.save([*results, result("k8", 0, 0, ("ww", "w"), rare)], [])
    first, second = summed(store).misconceptions
    assert (first.id, first.title, first.functions) == (
        "kernel-flipped",
        "The kernel is turned",
        ("conv", "pad"),
    )
    assert (first.examples.count, first.likely, len(first.examples.shown)) == (9, 9, MOST_NAMES)
    assert first.examples.shown[0].href == "reports/s0.json"
    assert (second.id, second.examples.count) == ("pad-skipped", 1)


def test_a_way_to_fail_is_a_cluster_when_two_share_it(store: Store) -> None:
    alike = ("failure", "conv", "abc", "big: Z is off", 0)
    alone = ("failure", "conv", "def", "big: other", 0)
    store.set_class([hand_in("a", "k"), hand_in("b", "l"), hand_in("c", "m")])
    ways = {"k": alike, "l": alike, "m": alone}
    store.save([result(key, 0, 0, ("ww", "w"), way) for key, way in ways.items()], [])
    [cluster] = summed(store, {"abc": "forgets the last row"}).clusters
    assert (cluster.id, cluster.name, cluster.examples.count) == ("abc", "forgets the last row", 2)


@pytest.mark.parametrize(
    ("files", "texts", "how"),
    [
        pytest.param(("s", "s"), ("t", "t"), "the same file", id="one file"),
        pytest.param(("s", "r"), ("t", "t"), "the same functions", id="one text of the functions"),
        pytest.param(("s", "r"), ("t", "u"), "the same but for names, comments and layout", id="one tree"),
    ],
)
def test_hand_ins_written_alike_are_listed_with_how(
    store: Store, files: tuple[str, str], texts: tuple[str, str], how: str
) -> None:
    keys = ("k", "k") if files[0] == files[1] else ("k", "l")
    store.set_class([hand_in("a", keys[0], files[0]), hand_in("b", keys[1], files[1]), hand_in("c", "m")])
    tree = ("structure", "", "tree", "", 300)
    for key, text in zip(keys, texts, strict=True):
        store.save([result(key, 10, 30, ("cc", "c"), ("source", "", text, "", 100), tree)], [])
    store.save(
        [result("m", 10, 30, ("cc", "c"), ("source", "", "z", "", 9), ("structure", "", "y", "", 9))], []
    )
    [row] = summed(store).alike
    assert (row.how, row.size, [link.text for link in row.examples.shown]) == (how, 300, ["a", "b"])


def test_identical_files_that_hold_no_function_are_listed_too(store: Store) -> None:
    store.set_class([hand_in("a", "k"), hand_in("b", "k")])
    store.save([result("k", 0, 0, status="unreadable", reason="no code in it")], [])
    report = summed(store)
    assert [(row.how, row.examples.count) for row in report.alike] == [("the same file", 2)]
    assert [(u.link.text, u.reason) for u in report.ungraded] == [
        ("a", "no code in it"),
        ("b", "no code in it"),
    ]


def test_the_slowest_come_first_and_the_missing_are_named(store: Store) -> None:
    store.set_class([hand_in(f"s{k:02}", f"k{k}") for k in range(12)])
    store.save([result(f"k{k}", 10, 30, seconds=k / 2) for k in range(11)], [])
    report = summed(store)
    assert [row.link.text for row in report.slowest][:2] == ["s10", "s09"]
    assert len(report.slowest) == 10
    assert [(u.link.text, u.reason) for u in report.ungraded] == [("s11", "not graded yet")]
    assert (report.total, report.ungraded_count) == (12, 1)


# --------------------------------------------------------------------------- the page itself


class Outline(HTMLParser):
    """What a browser would fetch, run or follow."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} {name}"
            assert name != "style", tag
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                (self.links if tag == "a" else self.fetched).append(value or "")
            if name == "src":
                self.fetched.append(value or "")


def page_of(store: Store) -> str:
    flipped = ("misconception", "conv", "kernel-flipped", "likely", 0)
    alike = ("failure", "pad", "abc", "<img src=x onerror=alert(1)>", 0)
    names = ['<script>alert("x")</script>', "a&b c#d?e", "Zoë"]
    store.set_class([hand_in(n, f"k{k}") for k, n in enumerate(names)])
    store.save([result(f"k{k}", 0, 10, ("ww", "w"), flipped, alike) for k in range(3)], [])
    return classpage.render(summed(store))


def test_the_page_runs_nothing_and_fetches_nothing(store: Store) -> None:
    outline = Outline(page_of(store))
    assert "script" not in outline.tags
    assert "iframe" not in outline.tags
    assert [url for url in outline.fetched if not url.startswith("data:,")] == []


def test_every_link_inside_the_page_leads_somewhere(store: Store) -> None:
    outline = Outline(page_of(store))
    assert len(set(outline.ids)) == len(outline.ids)
    inside = {link[1:] for link in outline.links if link.startswith("#")}
    assert "page-kernel-flipped" in inside
    assert inside <= set(outline.ids)


def test_links_to_reports_are_addresses(store: Store) -> None:
    links = Outline(page_of(store)).links
    assert "reports/a%26b%20c%23d%3Fe.json" in links
    assert "reports/Zo%C3%AB.json" in links


def test_headings_skip_no_level(store: Store) -> None:
    levels = [int(tag[1]) for tag in Outline(page_of(store)).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_class_of_which_nothing_is_graded_has_a_page(store: Store) -> None:
    store.set_class([hand_in("a", "k")])
    page = classpage.render(summed(store))
    assert "Nothing is graded yet." in page
