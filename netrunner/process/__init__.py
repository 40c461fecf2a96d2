"""What a command controls in its process: its session, Ctrl-C, the cores.

Door: `session.command`, `interrupt.ended_by_interrupt`, `cores.share_out`.
"""
