"""Networks on many machines, by Dask.

Door: `predict` for Dask arrays, `cluster.run` for the command line.
"""

from netrunner.dask.arrays import predict

__all__ = ["predict"]
