"""ONNX: a chain of dense layers from a graph of operators."""

from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path

from netrunner.exchange.dense import Chain, Imported
from netrunner.exchange.formats import Options
from netrunner.exchange.onnx.evaluation import Evaluation
from netrunner.exchange.onnx.graph import Graph
from netrunner.exchange.onnx.model_file import read_model
from netrunner.exchange.onnx.rows import check_rows
from netrunner.problems.problem import Fault


def read(path: Path, options: Options) -> Imported:
    """The dense layers in an ONNX file, with its activations. Raises Fault.

    Scaling and shifting by constants becomes part of the layer before it, or else of the one after
    it; with `separate_normalisation` what comes before the first layer becomes a layer of its own.
    """
    model = read_model(path)
    graph = Graph(model, path.parent, options.output_name)
    evaluated = _evaluated(graph)
    chain = Chain(math.prod(evaluated.input_shape))
    for step in evaluated.steps():
        if options.separate_normalisation and not chain.layers and step in evaluated.linear_steps:
            chain.end_layer("normalisation")
        step(chain)
    chain.end_layer()
    if not chain.layers:
        raise Fault("not-dense", "it holds no layer: no Gemm, MatMul or activation")
    producer = " ".join(filter(None, (model.producer_name, model.producer_version)))
    origin = f"ONNX, opset {graph.opset}" + (f", by {producer:.100}" if producer else "")
    inputs = graph.names("inputs", math.prod(evaluated.input_shape))
    outputs = graph.names("outputs", evaluated.output.width) or evaluated.classes()
    if names := graph.names("layers", len(chain.layers)):
        for layer, name in zip(chain.layers, names, strict=True):
            layer.name = name or None
    return Imported(
        chain.layers,
        evaluated.dtype,
        origin,
        inputs=inputs,
        outputs=outputs,
        name=model.graph.name if model.producer_name == "netrunner" else "",
        description=model.doc_string,
    )


def _evaluated(graph: Graph) -> Evaluation:
    """The evaluation of the graph for the first row shape that works."""
    *others, row = graph.row_shapes()
    for shape in others:
        with suppress(Fault):
            return Evaluation(graph, shape)
    try:
        return _row_by_row(graph, row)
    except Fault:
        if not others:
            raise
        with suppress(Fault):
            return _row_by_row(graph, row, graph.rows)
        raise


def _row_by_row(graph: Graph, shape: tuple[int, ...], rows: int | None = None) -> Evaluation:
    evaluation = Evaluation(graph, shape, rows)
    check_rows(evaluation)
    return evaluation
