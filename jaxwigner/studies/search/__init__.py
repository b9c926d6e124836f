"""Which initial data matter: sensitivities, and the worst case of a claim over its hypotheses."""
