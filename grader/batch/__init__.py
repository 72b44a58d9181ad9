"""Many submissions at once: found, graded by several processes or machines, kept, summed up.

    collect ─► store (who handed in what) ─► executor (local or Dask) ─► store ─► scores.csv, class.html

``flow`` joins the steps. A result is kept the moment it arrives, so that whatever ends a batch costs
only the submissions that were being graded.
"""
