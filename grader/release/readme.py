"""The one page that comes with a hand-out."""

from __future__ import annotations

from grader.cases import CaseSet
from grader.model import Visibility
from grader.pack import Pack
from grader.report.words import counted, points

_PAGE = """\
# {title}

Your work is in `{notebook}`. Write your code between the lines `# BEGIN SOLUTION` and
`# END SOLUTION`, run the cells, and check yourself as you go.

{table}

## Set up

Python 3.10 or newer, on Linux, macOS or Windows:

```
{install}
python -m pip install notebook
jupyter notebook {notebook}
```

## Check yourself

In the notebook, after each exercise:

```python
check("{first}")
```

For the whole notebook, in a terminal (save the notebook first; it needs no network):

```
grader check {notebook}
```

The checks are in the folder `checks`; keep it beside the notebook. The numbers that go in and the answers
that are expected are in `checks/{name}.npz`, which `numpy.load` opens.

You can see {visible}. The grade also counts {hidden} that you cannot see, on inputs of
other sizes: code that is made for the visible numbers will not pass them.

## What counts

- Only the functions count, not the cells round them. They may use their arguments, each other, and what other
  cells define with `def`, `import` or as a plain value.
- These modules are there: {imports}.
- They must leave their arguments as they were, and give the same answer every time.
- A mistake counts once: a function that is right by itself keeps its points though one below it is wrong.

## Hand in

*Kernel → Restart and run all*, save, and hand in `{notebook}` under this name.
"""


def readme(pack: Pack, cases: CaseSet, notebook: str, install: str) -> str:
    """The page in Markdown."""
    prepared = [p.case for group in cases.functions.values() for p in group]
    hidden = sum(case.visibility is Visibility.HIDDEN for case in prepared)
    rows = ["| write | points |", "|---|---|"]
    for function in pack.functions:
        role = "" if function.role == "required" else f" ({function.role})"
        rows.append(f"| `{function.signature}`{role} | {points(function.points)} |")
    return _PAGE.format(
        title=pack.title,
        name=pack.name,
        notebook=notebook,
        table="\n".join(rows),
        install=install,
        first=pack.wanted[0],
        visible=counted(len(prepared) - hidden, "public check"),
        hidden=counted(hidden, "hidden check"),
        imports=", ".join(f"`{name}`" for name in pack.allowed_imports),
    )
