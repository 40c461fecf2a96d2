"""Train networks/regression.yaml: a network that answers with a number, not with a class."""

import numpy as np
from _training import fit, fold_input_scaling, matrix, output_folder, round_weights, row, write
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor

# The hidden weights meet temperatures and wind speeds of up to 80, the output weights numbers
# between 0 and 1: so the first need more decimals for the same precision in the answer.
HIDDEN_DECIMALS, OUTPUT_DECIMALS = 4, 2


def wind_chill(X: np.ndarray) -> np.ndarray:
    """What the air feels like, in °C: the formula of the Canadian and US weather services."""
    temperature, wind = X.T
    return 13.12 + 0.6215 * temperature + (0.3965 * temperature - 11.37) * wind**0.16


def main() -> None:
    folder = output_folder(__doc__)
    random = np.random.default_rng(0)
    X = random.uniform(low=(-40, 5), high=(10, 80), size=(1000, 2)).round(1)
    train_X, test_X = train_test_split(X, test_size=0.25, random_state=0)
    mean, scale = train_X.mean(axis=0), train_X.std(axis=0)
    target = wind_chill(train_X)

    # The formula has no noise that could be learned by mistake, so alpha may be small. Of 3 to 5
    # hidden neurons and alpha from 0.0001 to 0.03, these err least on the training pairs.
    model = MLPRegressor(
        hidden_layer_sizes=(3,),
        activation="logistic",
        solver="lbfgs",
        alpha=0.0003,
        max_iter=5000,
        max_fun=50_000,
        random_state=0,
    )
    fit(model, (train_X - mean) / scale, (target - target.mean()) / target.std())
    fold_input_scaling(model, mean, scale)
    # The output layer is linear, so the scale of the target folds into it just as well.
    model.coefs_[-1] *= target.std()
    model.intercepts_[-1] = model.intercepts_[-1] * target.std() + target.mean()
    round_weights(model, (HIDDEN_DECIMALS, OUTPUT_DECIMALS))

    # From here on the model is the network as the file has it: rounded, and fed with °C and km/h.
    error = np.abs(model.predict(test_X) - wind_chill(test_X))
    mean_error, largest_error = error.mean(), error.max()
    W1, W2 = model.coefs_
    B1, B2 = model.intercepts_

    weather = np.array([[-10.0, 30.0], [0.0, 20.0], [8.0, 50.0], [-25.0, 40.0]])
    felt = model.predict(weather)[:, np.newaxis]
    formula = wind_chill(weather)

    write(
        folder / "regression.yaml",
        f"""\
# yaml-language-server: $schema=../netrunner/network.schema.json
#
# Written by benchmarks/train_regression.py: to change it for good, change that and run
# it again.

name: wind chill
description: >-
  Says what cold air feels like when the wind blows. Trained on {len(train_X)} pairs of
  temperature and wind with the answer of the weather services' formula; for {len(test_X)} other
  pairs it is off by {mean_error:.2f} °C on average and by {largest_error:.1f} °C at most, with the
  rounded weights below.

# The formula, so that you can check the network against it (t in °C, v in km/h):
#
#     13.12 + 0.6215·t - 11.37·v^0.16 + 0.3965·t·v^0.16
#
# The network never saw it, only its answers, for t from -40 to 10 and v from 5 to 80.
# Outside of that range its answers mean nothing: try 30 °C.
inputs: [temperature (°C), wind (km/h)]

layers:
  # The first row is for the temperature, the second for the wind. The weights take both
  # as they are; the scaling that helped in training is contained in them.
  - name: hidden
    size: {len(B1)}
    weights: {matrix(W1, HIDDEN_DECIMALS, 13)}
    biases: {row(B1, HIDDEN_DECIMALS)}
    activation: sigmoid       # without its bend, the two layers would be one: a plane

  # One neuron, so one column: how many °C each hidden neuron adds or takes away.
  - name: output
    size: {len(B2)}
    weights: {matrix(W2, OUTPUT_DECIMALS, 13)}
    biases: {row(B2, OUTPUT_DECIMALS)}
    activation: identity      # a number as it is: it may be any size, and below 0

outputs: [feels like (°C)]

examples:
  # -10 °C and a wind of 30 km/h. The formula gives {formula[0]:.1f}.
  - input: {row(weather[0], 0)}
    output: {row(felt[0], 8)}

  # Three more at once. The formula gives {formula[1]:.1f}, {formula[2]:.1f} and {formula[3]:.1f}.
  - input:  {matrix(weather[1:], 0, 12)}
    output: {matrix(felt[1:], 8, 12)}
""",
    )
    print(f"held out: off by {mean_error:.3f} °C on average, {largest_error:.2f} at most")


if __name__ == "__main__":
    main()
