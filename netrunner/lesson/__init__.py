"""A run as a lesson: every sum with its numbers, and why an output is what it is.

Door: `explain.explain`, `why.why`.
"""
