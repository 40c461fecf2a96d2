"""Networks of other tools, in and out, and what a network is compared with.

Door: `importing.import_network`, `exporting.export`, `compare.compare`.
"""
