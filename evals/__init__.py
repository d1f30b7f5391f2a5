"""Evaluation suites, metrics, runner and benchmarks."""
