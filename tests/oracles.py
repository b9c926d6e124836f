"""Other people's solvers as references: their value, and how far they say that it can be trusted."""

import warnings

EXACT, INEXACT = 1e-7, 1e-4


def solved(problem):
    """The optimal value of a CVXPY problem by Clarabel, and the relative error to allow for it.

    On some processors (other BLAS kernels) the solver stops a little early, says so in `status` and warns: that is the oracle's
    own trouble, and no failure of what is compared with it.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Solution may be inaccurate", UserWarning)
        value = problem.solve(solver="CLARABEL")
    assert problem.status in ("optimal", "optimal_inaccurate"), problem.status
    return value, EXACT if problem.status == "optimal" else INEXACT
