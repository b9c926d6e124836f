"""Measured comparisons, each beside its target: `python -m benchmarks` from the root of the repository.

Ratios come from one run in which the contenders take turns (A B A B …), so that a busy machine slows both; compilation is timed
apart. `--only NAME` (may be repeated) runs one theme, `--quick` smaller sizes, `--out FILE.json` keeps the numbers.
"""
