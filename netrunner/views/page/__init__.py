"""The report: a run as one page for a browser, which needs nothing but itself.

Its door is `page`. The page is written here, and its scripts follow when a number in it is changed.
page.js begins: it holds the input, and asks one of doors.js for the run. model.js is the forward
pass, numbers.js writes numbers as netrunner does; sums.js, answer.js and figures.js are what is
shown, portrait.js the diagram on a phone, dock.js the sum of the neuron that is pointed at.
desk.py and server.py serve the page beside an editor, with serve.js and with editor.js, which is
made in editors/page.
"""
