"""What a run costs, its steps, its gradients and what it observes, beside QuTiP, dynamiqs and code by hand."""
