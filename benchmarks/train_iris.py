"""Train networks/iris.yaml: a classifier small enough that a person can read its weights."""

import numpy as np
from _training import fit, fold_input_scaling, matrix, output_folder, round_weights, row, write
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

DECIMALS = 2


def main() -> None:
    folder = output_folder(__doc__)
    iris = load_iris()
    train_X, test_X, train_class, test_class = train_test_split(
        iris.data, iris.target, test_size=0.3, stratify=iris.target, random_state=0
    )
    mean, scale = train_X.mean(axis=0), train_X.std(axis=0)

    # Two hidden neurons and this alpha did best in cross-validation within the training flowers.
    model = MLPClassifier(
        hidden_layer_sizes=(2,),
        activation="logistic",
        solver="lbfgs",
        alpha=0.03,
        max_iter=2000,
        random_state=0,
    )
    fit(model, (train_X - mean) / scale, train_class)
    fold_input_scaling(model, mean, scale)
    round_weights(model, (DECIMALS, DECIMALS))

    # From here on the model is the network as the file has it: rounded, and fed with centimetres.
    right = int((model.predict(test_X) == test_class).sum())
    percent = f"{100 * right / len(test_X):.3g}"
    W1, W2 = model.coefs_
    B1, B2 = model.intercepts_

    # How each hidden neuron answers each species, on average: it shows what the neuron has learned.
    hidden = 1 / (1 + np.exp(-(train_X @ W1 + B1)))
    answers = ""
    for species, name in enumerate(iris.target_names):
        shown = row(hidden[train_class == species].mean(axis=0), 2)
        answers += f"\n  #     {name:<10}  {shown}"

    examples = ""
    for species, name in enumerate(iris.target_names):
        flower = test_X[test_class == species][:1]
        examples += f"""
  # {name}
  - input: {row(flower[0], 1)}
    output: {row(model.predict_proba(flower)[0], 8)}"""

    write(
        folder / "iris.yaml",
        f"""\
# yaml-language-server: $schema=../netrunner/network.schema.json
#
# Written by benchmarks/train_iris.py: to change it for good, change that and run it
# again.

name: iris
description: >-
  Tells three species of iris apart by the size of their sepals and petals. Trained on
  {len(train_X)} of the 150 flowers that Fisher published in 1936; of the other {len(test_X)}, which
  training never saw, it names {right} correctly ({percent} %), with the rounded weights below.

# Measured with a ruler, in centimetres.
inputs: [{", ".join(iris.feature_names)}]

layers:
  # Each row is one measurement, in the order above; each column is one neuron. A positive
  # number pushes the neuron towards 1 as the measurement grows, a negative one towards 0.
  # What the neurons have learned shows in their answers, here averaged over the training
  # flowers of each species:
  #{answers}
  #
  - name: hidden
    size: {len(B1)}
    weights: {matrix(W1, DECIMALS, 13)}
    biases: {row(B1, DECIMALS)}
    activation: sigmoid

  # Each row is one hidden neuron; each column is one species. A positive number says
  # that the hidden neuron speaks for the species, a negative one that it speaks against
  # it.
  - name: output
    size: {len(B2)}
    weights: {matrix(W2, DECIMALS, 13)}
    biases: {row(B2, DECIMALS)}
    activation: softmax       # shares between 0 and 1 that add up to 1

outputs: [{", ".join(iris.target_names)}]

# Three of the flowers that training never saw, each under its true species.
examples:{examples}
""",
    )
    print(f"held out: {right} of {len(test_X)}")


if __name__ == "__main__":
    main()
