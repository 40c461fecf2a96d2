"""The styles and scripts of our pages, and the policy by which a page loads nothing else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

_POLICY = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'"


def policy(style: str, script: str) -> str:
    """What a page of ours may load: its own styles and scripts, named by a hash or a nonce."""
    return f"{_POLICY}; style-src {style}; script-src {script}"


def hash_of(text: str) -> str:
    """What a policy calls a style or a script."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def asset(room: str, name: str) -> str:
    """A style, a script or a template, from the folder of the pages that it is for."""
    return (files(f"netrunner.views.{room}") / name).read_text(encoding="utf-8")
