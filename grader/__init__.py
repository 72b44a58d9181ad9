"""Grades step-by-step NumPy assignments: isolated, compared with a reference, and explained."""

__version__ = "0.1.0"
