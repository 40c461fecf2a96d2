"""The codes of problems, each declared once, under the headings of docs/errors.md.

They are stable: scripts and editors may rely on them. mypy checks them wherever a Problem or a
Fault is made. A test compares them with the page and the corpus.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Text = Literal[
    "yaml-syntax",
    "not-text",
    "not-utf-8",
    "several-documents",
    "duplicate-key",
    "not-a-key",
    "merge-key",
    "tag",
    "unknown-alias",
    "too-deep",
    "too-many-values",
]
Values = Literal["missing-key", "unknown-key", "unknown-value", "wrong-type", "ragged-rows"]
Numbers = Literal[
    "blank", "not-a-number", "ambiguous-number", "not-finite", "vanishing-number", "out-of-range"
]
Shapes = Literal["shape-mismatch", "example-mismatch", "answer-mismatch"]
Weights = Literal[
    "file-not-found",
    "unreadable-file",
    "outside-folder",
    "unknown-file-type",
    "unknown-member",
    "damaged-file",
    "not-real-numbers",
    "no-values",
    "too-large",
]
Outputs = Literal["unwritable-output", "file-exists", "unknown-example"]
Inputs = Literal["no-input", "input-shape", "column-order"]
Views = Literal[
    "unknown-layer", "unknown-neuron", "no-such-row", "no-such-array", "wrong-range", "missing-font"
]
Activations = Literal[
    "unknown-activation",
    "unknown-parameter",
    "wrong-parameter",
    "duplicate-activation",
    "empty-plugin",
    "unknown-hook",
    "plugin-raised",
    "broken-plugin",
    "unknown-plugin",
    "unused-plugin",
    "plugin-result",
    "plugin-changes-input",
    "plugin-promise",
    "plugin-name",
]
Exchange = Literal[
    "missing-activations",
    "unneeded-activations",
    "unneeded-option",
    "unknown-array",
    "ambiguous-orientation",
    "ambiguous-order",
    "not-dense",
    "unknown-opset",
    "missing-package",
    "not-an-array",
    "not-exportable",
    "wrong-format",
    "unexpected-input",
    "missing-input",
    "not-fitted",
    "unknown-estimator",
    "unknown-module",
]
Clusters = Literal[
    "scheduler-failed",
    "worker-version",
    "worker-failed",
    "not-portable",
    "missing-column",
]
Lint = Literal[
    "identity-chain",
    "softmax-hidden",
    "softmax-single",
    "step-trained",
    "single-class",
    "duplicate-name",
    "zero-weights",
    "unused-parameters",
]
Machine = Literal["out-of-memory"]
Editors = Literal["not-checked"]

Code: TypeAlias = Literal[
    Text, Values, Numbers, Shapes, Weights, Outputs, Inputs, Views, Activations, Exchange, Clusters,
    Lint, Machine, Editors,
]  # fmt: skip
