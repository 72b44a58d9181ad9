"""Makes what students get out of what the instructor has, and looks three times before it is written.

notebook with solutions ─► notebook with stubs ┐
cases ─► public checks (.json, .npz)           ├─► leaks? graded to 0? ─► the hand-out
rubric ─► one page of README                   ┘
"""
