"""A trace, an explanation or a comparison becomes text, a picture, a page or a sheet.

Door: the modules of `render`, `pictures`, `page` and `sheets`: each takes data, and an
open stream or a figure.
"""
