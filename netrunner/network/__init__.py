"""Networks: layers whose shapes fit together, the forward pass, and the trace of a run.

Door: `network.Network`, `trace.Trace`, `building.from_arrays`.
"""
