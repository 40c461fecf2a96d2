"""Activation functions: what they declare, the five built in, and plugins.

Door: `activation.Activation`, `hookspecs.hookimpl`, `plugins.load_registry`.
"""
