"""Activation functions: what they declare, the five built-in ones, and plugins.

Door: `activation.Activation`, `hookspecs.hookimpl`, `plugins.load_registry`.
"""
