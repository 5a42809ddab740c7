"""How good a model is: figures, what a classifier sees, contact sheets and a report."""
