"""Mutation test of the table of claims: what is changed on purpose must turn a verdict. `python -m tests.mutants --help`."""
