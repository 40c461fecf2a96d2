"""The report: a run as one page for a browser, complete in itself.

Its door is `page`. Python writes the page; its scripts keep it true when a number in it is changed.
page.js comes first: it holds the input, and asks one of doors.js for the run. model.js is the
forward pass, numbers.js writes numbers as netrunner does; sums.js, answer.js and figures.js show
the run, portrait.js draws the diagram on a phone, dock.js shows the sum of the neuron that is
pointed at. desk.py and server.py serve the page beside an editor, with serve.js and with editor.js,
which is built in editors/page.
"""
