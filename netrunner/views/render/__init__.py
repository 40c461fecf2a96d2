"""Traces as text, JSON, CSV and npz: each module writes one format to an open stream."""
