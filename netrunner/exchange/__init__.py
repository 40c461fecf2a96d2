"""In and out: networks from other tools, and back to them."""
