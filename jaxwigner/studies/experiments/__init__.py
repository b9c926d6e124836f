"""Experiments, each declared once: what `jaxwigner run` and `jaxwigner sweep` run."""
