"""How the distances are computed: nodes, ranges, interior points, duals, certificates."""
