"""A run as slides for a projector: one file of HTML, complete in itself.

Its door is `deck`. `steps` says what is on each slide, and `pictures` draws a neuron with what
feeds it, and where it is in the network.
"""
