"""Files and the numbers in them: opening and writing, numerals, arrays, CSV, JSON, inputs.

Door: `opening.open_regular`, `writing.writing`, `arrays.stored_arrays`, `inputs.inputs_from_file`.
"""
