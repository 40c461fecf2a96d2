"""The command line, one module a command: the only room that prints, and opens for writing.

Door: `cli.main`.
"""
