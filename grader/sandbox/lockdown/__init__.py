"""What takes away from a process everything that a computation does not need.

``cage.py`` holds the order of the steps; each other file is one mechanism of the Linux kernel. The package
imports nothing of ``grader``, because ``zygote.py`` loads it in the student's interpreter.
"""
