"""Proves a pack: that its cases can tell right from wrong, and that its right answers pass."""
