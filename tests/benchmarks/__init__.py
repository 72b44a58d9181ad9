"""Benchmarks: ratios measured interleaved, so that they hold when the machine's speed drifts."""
