"""Train networks/digits.yaml and digits.npz: handwritten digits, with the weights in a file."""

import numpy as np
from _training import fit, fold_input_scaling, output_folder, wrapped, write
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

WHITEST = 16  # the largest pixel value in the data set


def main() -> None:
    folder = output_folder(__doc__)
    digits = load_digits()
    train, test = train_test_split(
        np.arange(len(digits.target)), test_size=0.25, stratify=digits.target, random_state=0
    )

    # alpha 0.3 did best in cross-validation within the training images.
    model = MLPClassifier(
        hidden_layer_sizes=(50,),
        activation="relu",
        solver="lbfgs",
        alpha=0.3,
        max_iter=2000,
        random_state=0,
    )
    fit(model, digits.data[train] / WHITEST, digits.target[train])
    fold_input_scaling(model, mean=0.0, scale=WHITEST)

    # From here on the model is the network as the files have it, fed with pixels from 0 to 16.
    answers = model.predict(digits.data[test])
    is_right = answers == digits.target[test]
    right = int(is_right.sum())
    percent = f"{100 * right / len(test):.3g}"
    W1, W2 = (np.ascontiguousarray(W) for W in model.coefs_)
    B1, B2 = model.intercepts_

    np.savez(folder / "digits.npz", W1=W1, B1=B1, W2=W2, B2=B2)
    print(f"wrote {folder / 'digits.npz'}")

    def example(image: int, comment: str) -> str:
        pixels = digits.data[image]
        shares = model.predict_proba(pixels[np.newaxis])[0]
        return f"""
  # Image {image} of the data set: {comment}
  - input: {wrapped(pixels, 0, 11, per_line=8)}
    output: {wrapped(shares, 8, 12, per_line=5)}
"""

    examples = ""
    for digit in (3, 6, 0):
        image = test[is_right & (digits.target[test] == digit)][0]
        examples += example(image, f"true class {digit}.")
    first_wrong = np.flatnonzero(~is_right)[0]
    image, answer = test[first_wrong], answers[first_wrong]
    examples += example(
        image,
        f"true class {digits.target[image]}. The network reads it as {answer},\n"
        "  # and the output below is what it answers, right or wrong.",
    )

    write(
        folder / "digits.yaml",
        f"""\
# yaml-language-server: $schema=../netrunner/network.schema.json
#
# Written by benchmarks/train_digits.py, together with digits.npz: to change it for
# good, change that and run it again.

name: digits
description: >-
  Reads handwritten digits. Trained on {len(train)} images of scikit-learn's digits data set;
  of the other {len(test)}, which training never saw, it reads {right} correctly ({percent} %).

# An image has 8 rows of 8 pixels, one input each, from the top left to the bottom
# right. A pixel is a number from 0 (paper) to 16 (ink).
inputs: 64

# {W1.size + W2.size:,} weights are too many to read, so they are in a file beside this one:
# digits.npz, which holds four arrays under the names W1, B1, W2 and B2.
layers:
  - name: hidden
    size: {len(B1)}
    weights: {{file: digits.npz, key: W1}}    # {W1.shape}: one row per pixel
    biases: {{file: digits.npz, key: B1}}     # ({len(B1)},)
    activation: relu

  - name: output
    size: {len(B2)}
    weights: {{file: digits.npz, key: W2}}    # {W2.shape}: one column per digit
    biases: {{file: digits.npz, key: B2}}     # ({len(B2)},)
    activation: softmax

# In quotes, because these are names, not numbers.
outputs: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]

# Images that training never saw. Each output lists the digits 0 to 4, then 5 to 9.
examples:{examples.rstrip()}
""",
    )
    print(f"held out: {right} of {len(test)}")


if __name__ == "__main__":
    main()
