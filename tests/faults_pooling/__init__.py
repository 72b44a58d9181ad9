"""Pooling as many students would write it, with the truth about each program in its header."""
