"""Says which wrong belief explains a function's answers, out of nothing but the answers.

Every fault model is run on the calls that the student's function was given. One that gives the student's
own values everywhere, also where they are right, is the explanation; where two do, the report says that
it cannot tell. This package knows nothing of what the functions compute. It is pure: the models are the
pack's trusted code, and nothing of the student's is run here.

A diagnosis is ``likely`` only if the model gives the student's own answers on every call that returned a
value, at least three, one of them a wrong one with numbers in it, if it leaves few exceptions unexplained,
and if no model of another belief does the same. Exceptions say little: alone they make a diagnosis
``possible`` at most. Two beliefs at once are tried when no single one fits, and two that undo each
other are ``possible`` at most; what is reported is the first problem found, never the only one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.diagnose import behaviour
from grader.diagnose.answers import Evidence, Item, gather_evidence
from grader.diagnose.pairs import PairFit, completed, fitting_pairs, undo_each_other
from grader.diagnose.sweep import Calls, Sweep
from grader.model import Certainty, Diagnosis, FaultModel, Returned

__all__ = ["Evidence", "Page", "diagnose", "gather_evidence"]

#: A diagnosis is likely only with this many values, and this many different numbers in the wrong ones.
ENOUGH_VALUES = 3
ENOUGH_NUMBERS = 2
#: Of all calls, at most this share may end in exceptions that a likely model does not raise.
MOST_UNEXPLAINED = 0.25
#: More beliefs than this that fit equally well are no diagnosis.
MOST_LOOK_ALIKES = 3
#: How alike exceptions must be (see answers.likeness) for several beliefs to be named by them.
ALIKE = 0.5


class Page(Protocol):
    """What is needed of a page of the catalogue."""

    @property
    def title(self) -> str: ...
    @property
    def question(self) -> str: ...
    def say(self, function: str, variant: str = "") -> str: ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A belief that explains the answers: its best model, and how well that fits."""

    model: FaultModel
    score: tuple[float, ...]
    synonyms: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.model.misconception


def diagnose(
    function: str,
    evidence: Sequence[Evidence],
    models: Iterable[FaultModel],
    pages: Mapping[str, Page],
    *,
    seconds: float = 1.0,
) -> tuple[Diagnosis, ...]:
    """At most two diagnoses of ``function``, the better one first; none where nothing explains its answers.

    ``evidence`` holds every call of the function, the right ones too. ``seconds`` bounds the search for
    two beliefs at once; 0 leaves it out. Without a wrong call nothing is run.
    """
    if all(e.correct and not _changed(e) for e in evidence):
        return ()
    observed = [o for o in behaviour.observe(evidence) if o.id in pages]
    calls = Calls(evidence)
    sweep = Sweep([m for m in models if m.function == function], calls)
    if any(o.certain for o in observed):
        found: list[tuple[_Candidate, Certainty]] = []
    else:
        found = _explained(sweep, seconds)
    report = _Report(function, pages, len(sweep.models))
    if found:
        return tuple(report.diagnosis(candidate, certainty) for candidate, certainty in found[:2])
    return tuple(report.observation(o) for o in observed[:1])


def _changed(evidence: Evidence) -> bool:
    reply = evidence.reply
    return isinstance(reply, Returned) and bool(reply.changed or reply.overwritten)


def _explained(sweep: Sweep, seconds: float) -> list[tuple[_Candidate, Certainty]]:
    """What explains the answers: values first, for exceptions say little."""
    calls = sweep.calls
    if calls.wrong:
        fits = [m for m in sweep.models if sweep.fits(m, calls.returned)]
        if fits:
            found = _from_single(sweep, fits)
        else:
            enough = seconds > 0 and len(calls.returned) >= ENOUGH_VALUES
            found = _from_pairs(sweep, fitting_pairs(sweep, seconds)) if enough else []
            found = found or _from_outputs(sweep)
        if found:
            return found
    return _from_exceptions(sweep) if calls.raised else []


# ---------------------------------------------------------------------------- one belief


def _from_single(sweep: Sweep, fits: Sequence[FaultModel]) -> list[tuple[_Candidate, Certainty]]:
    """Models that give every value."""
    raising = {id(m): sweep.raising(m) for m in fits}
    full = [m for m in fits if raising[id(m)].types]
    if not full and not _is_enough(sweep.calls):
        return []  # what little it explains is outweighed by what it does not
    ranked = _by_belief((m, (raising[id(m)].likeness, m.weight)) for m in full or fits)
    if len(ranked) > MOST_LOOK_ALIKES:
        return []
    sure = len(ranked) == 1 and ranked[0].model.telling and _is_enough(sweep.calls)
    if sure and not full:
        sure = not _raises_otherwise(sweep, ranked[0].model) and not _raises_seldom(sweep, ranked[0].model)
    return [(c, Certainty.LIKELY if sure else Certainty.POSSIBLE) for c in ranked]


def _raises_otherwise(sweep: Sweep, model: FaultModel) -> bool:
    """Whether both raise, but not the same: then the model is not what happened."""
    for item in sweep.calls.raised:
        answer = sweep.answer(model, item)
        if not isinstance(answer, tuple) and item.failure and answer.type_name != item.failure.type_name:
            return True
    return False


def _raises_seldom(sweep: Sweep, model: FaultModel) -> bool:
    """Whether too many calls ended in an exception where the model returns: the rest may be alike by chance.

    A gradient that is halved, by somebody who only handles two images, is not divided by their number.
    """
    calls = sweep.calls
    unexplained = sum(isinstance(sweep.answer(model, item), tuple) for item in calls.raised)
    return unexplained > MOST_UNEXPLAINED * len(calls.all)


def _is_enough(calls: Calls) -> bool:
    """Whether the values can carry a confident diagnosis."""
    numbers = sum(item.numbers for item in calls.wrong)
    return len(calls.returned) >= ENOUGH_VALUES and numbers >= ENOUGH_NUMBERS


def _by_belief(scored: Iterable[tuple[FaultModel, tuple[float, ...]]]) -> list[_Candidate]:
    """The best model of every belief, best first; beliefs that no input can tell apart are one."""
    best: dict[str, _Candidate] = {}
    for model, score in scored:
        if model.misconception not in best or score > best[model.misconception].score:
            best[model.misconception] = _Candidate(model, score)
    ranked = sorted(best.values(), key=lambda c: (tuple(-s for s in c.score), c.id))
    merged: list[_Candidate] = []
    for candidate in ranked:
        for position, kept in enumerate(merged):
            if candidate.id in kept.model.synonyms:
                merged[position] = _Candidate(kept.model, kept.score, (*kept.synonyms, candidate.id))
                break
        else:
            merged.append(candidate)
    return merged


# ---------------------------------------------------------------------------- exceptions only


def _from_exceptions(sweep: Sweep) -> list[tuple[_Candidate, Certainty]]:
    """Models that raise the same, and are right where the student's function is right.

    Where there are wrong values besides that no model explains, the exceptions must be the same to the
    shape, or a second belief must explain the values.
    """
    calls = sweep.calls
    scored = []
    for model in sweep.models:
        if sweep.raises(model) and sweep.fits(model, calls.right):
            scored.append((model, (sweep.raising(model).likeness, model.weight)))
    ranked = _by_belief(scored)
    top = [c for c in ranked if c.score[0] == ranked[0].score[0]]
    if len(top) > MOST_LOOK_ALIKES or not top:
        return []
    alike = top[0].score[0] / len(calls.raised)
    if alike < 0 or (alike < ALIKE and len(top) > 1):
        return []
    if calls.wrong and alike < 1:
        top = [c for c in top if completed(sweep, c.model)]
    return [(c, Certainty.POSSIBLE) for c in top]


# ---------------------------------------------------------------------------- two beliefs


def _from_pairs(sweep: Sweep, pairs: Sequence[PairFit]) -> list[tuple[_Candidate, Certainty]]:
    """Pairs that give every value. A belief that is in all of them is the finding."""
    if not pairs:
        return []
    best = max(p.raising.types * 1000 + p.raising.likeness for p in pairs)
    kept = [p for p in pairs if p.raising.types * 1000 + p.raising.likeness == best]
    common = frozenset.intersection(*(_with_synonyms(p) for p in kept))
    first = kept[0]
    numeric = [item for item in sweep.calls.wrong if item.numbers >= ENOUGH_NUMBERS]
    if len({p.ids for p in kept}) == 1:
        enough = len(numeric) >= ENOUGH_VALUES and first.raising.types
        sure = enough and first.first.telling and first.second.telling
        sure = sure and not undo_each_other(sweep, first)
        certainty = Certainty.LIKELY if sure else Certainty.POSSIBLE
        return [(_Candidate(m, ()), certainty) for m in (first.first, first.second)]
    if not common:
        return []
    members = [m for p in kept for m in (p.first, p.second) if m.misconception in common]
    return [(_Candidate(members[0], ()), Certainty.POSSIBLE)]


def _with_synonyms(pair: PairFit) -> frozenset[str]:
    return pair.ids | frozenset(pair.first.synonyms) | frozenset(pair.second.synonyms)


# ---------------------------------------------------------------------------- one output of several


def _from_outputs(sweep: Sweep) -> list[tuple[_Candidate, Certainty]]:
    """A belief that explains one of several outputs everywhere, where nothing explains all of them."""
    items = sweep.calls.returned
    if len(sweep.calls.wrong) < ENOUGH_VALUES or any(len(i.asked) != len(items[0].asked) for i in items):
        return []
    found: list[_Candidate] = []
    for position in range(len(items[0].asked)):
        wrong = [item for item in items if item.wrong[position]]
        if len(wrong) < ENOUGH_VALUES or len(items[0].asked) < 2:
            continue
        fits = [
            model
            for model in sweep.models
            if all(_explains_only(sweep, model, item, position) for item in items)
        ]
        beliefs = _by_belief((model, (model.weight,)) for model in fits)
        if len(beliefs) == 1 and beliefs[0].model.telling and beliefs[0].id not in {c.id for c in found}:
            found.append(beliefs[0])
    return [(candidate, Certainty.POSSIBLE) for candidate in found]


def _explains_only(sweep: Sweep, model: FaultModel, item: Item, position: int) -> bool:
    """Whether the model gives this output, and spoils none that the student has right."""
    explained = item.explained(sweep.answer(model, item))
    return explained[position] and all(e or w for e, w in zip(explained, item.wrong, strict=True))


# ---------------------------------------------------------------------------- words


@dataclass(frozen=True, slots=True)
class _Report:
    """Puts findings into the words of the pack's pages."""

    function: str
    pages: Mapping[str, Page]
    tried: int

    def diagnosis(self, candidate: _Candidate, certainty: Certainty) -> Diagnosis:
        """A belief that a model stands for."""
        model = candidate.model
        page = self.pages.get(model.misconception)
        said = page.say(self.function, model.variant) if page else ""
        return Diagnosis(
            model.misconception,
            certainty,
            summary=model.summary or said,
            question=page.question if page else "",
            variant=model.variant,
            title=page.title if page else "",
            synonyms=candidate.synonyms,
            tried=self.tried,
        )

    def observation(self, seen: behaviour.Observation) -> Diagnosis:
        """A behaviour that was seen without a model."""
        page = self.pages[seen.id]
        certainty = Certainty.LIKELY if seen.certain else Certainty.POSSIBLE
        return Diagnosis(
            seen.id,
            certainty,
            summary=page.say(self.function),
            question=page.question,
            title=page.title,
            tried=self.tried,
        )
