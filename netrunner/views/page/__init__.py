"""The report: a run as one page for a browser, which needs nothing but itself.

Its door is `page`. The page is written here; its scripts compute it anew when a number in it is
changed: numbers.js writes numbers as netrunner does, model.js is the forward pass, and page.js
shows what it gives.
"""
