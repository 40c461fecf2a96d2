"""What a user sees of a run: text, pictures, a page, slides, sheets, and hints in an editor.

Door: the modules of `render`, `pictures`, `page`, `slides` and `sheets`: each takes data, and an
open stream or a figure. `editor.server.serve` is the language server.
"""
