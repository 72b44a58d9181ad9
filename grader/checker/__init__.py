"""A student's self-check: the public cases and properties, run at home, with no secret anywhere near.

It takes the engine's own steps (extract, sandbox, judge), so that what holds here holds there too. What
it lacks is data: a hand-out brings the visible cases and nothing of the others.
"""
