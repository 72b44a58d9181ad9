"""Which modules a program may want: they are loaded before it is locked in, because afterwards no file opens.

Found by looking for words, not by parsing: hostile source must not be parsed out here. A name too many costs
some milliseconds, once; only what the pack allows, and parts of NumPy and Python that these load when they
are first used, is ever named. Loading everything always would make the first report wait for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.sandbox.protocol import MAX_NAME

#: Modules that are loaded late, by a word of the source that shows the use.
LATE = {
    "char": ("numpy.char",),
    "core": ("numpy.core",),
    "fft": ("numpy.fft",),
    "inspect": ("inspect",),  # of which the worker passes on what reads the parameters of a function
    "ma": ("numpy.ma",),
    "matlib": ("numpy.matlib",),
    "polynomial": ("numpy.polynomial",),
    "random": ("numpy.random",),
    "rec": ("numpy.rec",),
    "recfunctions": ("numpy.lib.recfunctions",),
    "strings": ("numpy.strings",),
    "strptime": ("_strptime",),
    "testing": ("numpy.testing",),
    "typing": ("numpy.typing",),
    "N": ("unicodedata",),  # "\\N{DEGREE SIGN}" in a text is looked up when the text is compiled
    # percentile, quantile and others look for masked arrays
    **dict.fromkeys(("percentile", "quantile", "nanpercentile", "nanquantile", "median"), ("numpy.ma",)),
}
#: The worker has something in their place: the real ones, where installed, start threads and compilers.
STOOD_IN_FOR = frozenset({"tqdm", "numba", "joblib", "matplotlib"})
#: What ``from numpy import *`` wants.
STAR = tuple({module for modules in LATE.values() for module in modules if module.count(".") == 1})

#: Of all the names that a source could hold, no more are loaded: it is a student's list.
MOST = 50
PRIVATE = frozenset({"test", "tests", "testing", "conftest", "setup"})

# Bounded everywhere: a student must not be able to make the search slow.
# Each begins with a plain word, for which re has a quick search; the look behind stands after it.
_PLAIN = re.compile(r"import(?<!\wimport)[ \t]{1,9}([^\n;#]{1,500})")
_FROM = re.compile(
    r"from(?<!\wfrom)[ \t]{1,9}([\w.]{1,100})[ \t]{1,9}import[ \t]{0,9}"
    r"(?:\(([^)]{0,2000})\)|([^\n;#]{1,500}))"
)
_STARRED = re.compile(r"from(?<!\wfrom)[ \t]{1,9}numpy[ \t]{1,9}import[ \t]{1,9}\*")
_WORD = re.compile(r"\w")
_CALLED = re.compile(r"__import__\([ \t]{0,9}['\"]([\w.]{1,100})")


def needed(source: str, allowed: Sequence[str]) -> list[str]:
    """The modules to have ready for ``source``, as far as ``allowed`` permits them."""
    found = [name for name in dict.fromkeys(_imported(source)) if _loadable(name, allowed)][:MOST]
    for word, modules in LATE.items():
        if _has_word(source, word):
            found += modules
    if _STARRED.search(source):
        found += sorted(STAR)
    if not source.isascii():  # Python compiles a name such as größe with it
        found.append("unicodedata")
    return list(dict.fromkeys(found))


def _has_word(source: str, word: str) -> bool:
    """Whether ``word`` stands in ``source`` as a word of its own. (Most do not stand there at all.)"""
    at = source.find(word)
    while at >= 0:
        end = at + len(word)
        if not _WORD.match(source[at - 1 : at]) and not _WORD.match(source[end : end + 1]):
            return True
        at = source.find(word, end)
    return False


def _loadable(name: str, allowed: Sequence[str]) -> bool:
    """Whether the pack allows a module, and loading it outside of the cage is no risk.

    A student chooses these names. Parts of packages that are no public interface (tests, scripts) may start
    threads or end the process when they are imported.
    """
    parts = name.split(".")
    if parts[0] in STOOD_IN_FOR or len(name) > MAX_NAME:
        return False
    if parts[0] == "numpy" and len(parts) > 1:
        return False  # its parts are loaded with it, or are in LATE
    if any(part.startswith("_") or part in PRIVATE for part in parts[1:]):
        return False
    return any(f"{name}.".startswith(f"{permitted}.") for permitted in allowed)


def _imported(source: str) -> Iterator[str]:
    """Every name that may be a module, in statements and calls."""
    for names in _PLAIN.findall(source):
        yield from (words[0] for part in names.split(",") if (words := part.split()))
    for package, bracketed, plain in _FROM.findall(source):
        names = bracketed or plain
        yield package
        if package.partition(".")[0] != "numpy":  # its parts are in LATE
            yield from (f"{package}.{words[0]}" for part in names.split(",") if (words := part.split()))
    yield from _CALLED.findall(source)
