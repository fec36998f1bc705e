"""How fast the registry is, measured over HTTP on real processes, beside a yardstick that does nothing.

`python -m bench` runs it; docs/benchmarks.md says how to read it. Nothing here asserts a time.
"""
