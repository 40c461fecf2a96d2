"""Networks on many machines, by Dask: the extra `[dask]`. Nothing here is imported without it."""
