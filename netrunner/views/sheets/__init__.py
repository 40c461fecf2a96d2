"""An exercise as a sheet: each module writes one format; `words` has the three languages."""
