"""The language server: what an editor shows of a network file while it is edited.

Door: `server.serve`. The other modules know nothing of the protocol.
"""
