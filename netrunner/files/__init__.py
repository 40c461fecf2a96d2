"""Files and the numbers in them: opening and writing, numerals, arrays, CSV, JSON, inputs.

Door: `opening.open_regular`, `opening.writing`, `arrays.Arrays`, `inputs.Inputs`.
"""
