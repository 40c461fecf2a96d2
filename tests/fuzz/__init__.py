"""A structure-aware fuzzer of all that reads files: `python -m tests.fuzz --help`."""
