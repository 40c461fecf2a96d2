"""Writes the models of PyTorch here, each with an input and what PyTorch gives for it.

    python tests/data/models/write_torch.py

Takes PyTorch and onnxscript, which the tests do without.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).parent
warnings.simplefilter("ignore")


def record(name: str, model: nn.Module, rows: int = 5, **options: object) -> None:
    """Keep an input and the model's output for it beside the file."""
    first = next(model.parameters())
    x = torch.randn(rows, first.shape[1], dtype=first.dtype) * 2
    with torch.no_grad():
        y = model.eval()(x)
    content = {"options": options, "X": x.tolist(), "Y": y.tolist()}
    (HERE / f"{name}.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


def save(name: str, content: object, model: nn.Module, **options: object) -> None:
    torch.save(content, HERE / name)
    record(name, model, **options)


class OutFirst(nn.Module):
    """Makes its layers in another order than it runs them in."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(3, 3)
        self.hid = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(torch.relu(self.hid(x)))


def state_dicts() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    activations = "relu,identity"
    save("state_dict.pt", model.state_dict(), model, activations=activations)
    optimizer = torch.optim.Adam(model.parameters()).state_dict()
    checkpoint = {"epoch": 3, "model_state_dict": model.state_dict(), "loss": 0.5}
    checkpoint["optimizer_state_dict"] = optimizer
    save("checkpoint.pth", checkpoint, model, activations=activations)
    rounded = model.bfloat16().float()
    save("bfloat16.pt", model.bfloat16().state_dict(), rounded.float(), activations=activations)
    double = nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.1), nn.Linear(4, 2)).double()
    parameters = dict(double.named_parameters())  # of Parameter, not Tensor
    save("double.pt", parameters, double, activations="leaky_relu(alpha=0.1),identity")
    turned = OutFirst()
    order = {"activations": "relu,identity", "order": "hid,out"}
    save("out_first.pt", turned.state_dict(), turned, **order)
    shared = nn.Linear(4, 4)
    shared.weight = nn.Parameter(shared.weight.T)  # strides that are not those of rows
    save("transposed.pt", shared.state_dict(), shared, activations="identity")

    torch.save(model, HERE / "whole_module.pt")
    torch.save(model.state_dict(), HERE / "before_1_6.pt", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    torch.manual_seed(0)
    state_dicts()
