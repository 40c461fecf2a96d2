"""What is wrong, where, and what would help: texts with positions, problems, quoting.

Door: `problem.Problem`, `problem.Fault`, `problem.NetrunnerError`.
"""
