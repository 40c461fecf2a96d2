"""The check kit: holds activations to what a network relies on, and tells what it found."""
