"""A trace, an explanation or a comparison becomes text, a picture or a page.

Door: the modules of `render`, `pictures` and `page`: each takes data, and an
open stream or a figure.
"""
