"""Half-flows of waves and of matrices of fields on several electronic surfaces."""
