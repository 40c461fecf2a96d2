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


def activations() -> list[nn.Module]:
    """All that netrunner has a counterpart of, and what changes nothing."""
    return [
        nn.ReLU(), nn.Tanh(), nn.LeakyReLU(0.2), nn.ELU(1.5), nn.SELU(), nn.CELU(0.7), nn.GELU(),
        nn.GELU("tanh"), nn.SiLU(), nn.Mish(), nn.Softplus(), nn.Softsign(), nn.Hardsigmoid(),
        nn.Hardswish(), nn.PReLU(init=0.3), nn.Hardtanh(0.0, float("inf")), nn.Sigmoid(),
        nn.Dropout(), nn.Identity(), nn.LogSoftmax(dim=-1), nn.BatchNorm1d(4), nn.Softmax(dim=1),
    ]  # fmt: skip


def chain(*more: nn.Module) -> nn.Sequential:
    modules: list[nn.Module] = []
    for activation in [*activations(), *more]:
        modules += [nn.Linear(4, 4), activation]
    for norm in modules:
        if isinstance(norm, nn.BatchNorm1d):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
    return spread(nn.Sequential(*modules).eval())


def spread(model: nn.Sequential) -> nn.Sequential:
    """The same, with weights by which the rows stay apart, however many layers there are."""
    x = torch.randn(200, 4)
    with torch.no_grad():
        for module in model:
            if isinstance(module, nn.Linear):
                a = module(x)
                module.weight *= 2 / a.std(dim=0)[:, None]
                module.bias -= a.mean(dim=0)
                module.bias *= 2 / a.std(dim=0)
            x = module(x)
    return model


def recast() -> nn.Sequential:
    """What becomes another activation with a scale and a shift."""
    linear = [nn.Linear(4, 4) for _ in range(6)]
    more = [
        nn.Softplus(2.0), nn.LogSigmoid(), nn.ReLU6(), nn.Hardtanh(-0.5, 2.0), nn.RReLU(),
        nn.Softmin(dim=-1),
    ]  # fmt: skip
    modules = [each for pair in zip(linear, more, strict=True) for each in pair]
    return spread(nn.Sequential(*modules).eval())


def by_todays_exporter(name: str, model: nn.Sequential, opset: int | None) -> None:
    x = torch.randn(2, 4)
    rows = ({0: torch.export.Dim("rows")},)
    program = torch.onnx.export(
        model, (x,), dynamo=True, dynamic_shapes=rows, opset_version=opset, verbose=False
    )
    for node in program.model.graph:  # where each came from in PyTorch: long, and not read
        node.metadata_props.clear()
    program.save(HERE / f"{name}.onnx", external_data=False)
    record(f"{name}.onnx", model)


def by_the_older_exporter(name: str, model: nn.Sequential, opset: int) -> None:
    file, axes = HERE / f"{name}.onnx", {"x": {0: "rows"}}
    torch.onnx.export(
        model, (torch.randn(2, 4),), file, dynamo=False, opset_version=opset, input_names=["x"],
        dynamic_axes=axes,
    )  # fmt: skip
    record(f"{name}.onnx", model)


def exported() -> None:
    """By the exporter of today, at its own opset and two others, and by the older one."""
    for name, opset in (("exported", None), ("exported_18", 18), ("exported_23", 23)):
        by_todays_exporter(name, chain(nn.Threshold(0.1, 0.0)), opset)
    for name, opset in (("older_9", 9), ("older_13", 13), ("older_17", 17)):
        model = chain()
        if opset == 9:  # which has no operator for some
            kept = (nn.Linear, nn.ReLU, nn.Tanh, nn.ELU, nn.SELU, nn.Softmax, nn.BatchNorm1d)
            model = spread(nn.Sequential(*[each for each in model if isinstance(each, kept)]))
        by_the_older_exporter(name, model, opset)
    model = recast()
    by_the_older_exporter("recast_older", model, 17)
    model = nn.Sequential(*[each for each in model if not isinstance(each, nn.RReLU)])
    by_todays_exporter("recast", spread(model), None)  # which does not know RReLU


def adam(model: nn.Module) -> object:
    """The state of an optimizer after a step, with tensors of the weights' shapes."""
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return optimizer.state_dict()


class Einsum(nn.Module):
    """Layers as sums over named axes, the weights of the first as (size, inputs)."""

    def __init__(self) -> None:
        super().__init__()
        self.V, self.b = nn.Parameter(torch.randn(3, 4)), nn.Parameter(torch.randn(3))
        self.W = nn.Parameter(torch.randn(3, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = torch.relu(torch.einsum("bi,oi->bo", x, self.V) + self.b)
        return torch.einsum("...i,io->...o", z, self.W)


class Picks(nn.Module):
    """Takes some of the inputs and some of the neurons, backwards."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 5), nn.Linear(3, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = torch.tanh(self.first(x.flip(1))[:, 1:-1])
        return self.last(z)[:, [2, 0]]


def einsums_and_picks() -> None:
    by_the_older_exporter("einsum", Einsum(), 17)
    by_the_older_exporter("picks", Picks(), 17)


def odd_state_dicts() -> None:
    """One with something else in it, two in one file, and numbers with PyTorch's negative bit."""
    model = nn.Sequential(nn.Linear(3, 2))
    tensors = dict(model.state_dict())
    save("with_epoch.pt", {**tensors, "epoch": 3, "more": {}}, model, activations="identity")
    torch.save({**tensors, "ema": dict(tensors)}, HERE / "with_ema.pt")
    torch.save({"actor": tensors, "critic": dict(tensors)}, HERE / "two_models.pt")
    torch.save({"body": {"hid": tensors}, "out.weight": torch.ones(2, 2)}, HERE / "two_levels.pt")
    run = {"epoch": 3, "optimizers": [adam(model)], "module": {"net": tensors}}
    save("deep_inside.pt", {"run": run, "losses": torch.ones(3)}, model, activations="identity")
    negative = {"0.weight": torch._neg_view(torch.ones(2, 3)), "0.bias": torch.zeros(2)}
    torch.save(negative, HERE / "negative.pt")


if __name__ == "__main__":
    torch.manual_seed(0)
    state_dicts()
    exported()
    odd_state_dicts()
    einsums_and_picks()
