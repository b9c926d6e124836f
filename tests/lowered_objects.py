"""What a small call is made with: potentials and objects of the library, with their properties; the table of all small calls."""

import inspect

import jax.numpy as jnp
import lowered_calls as calls
import lowered_nuclei as few
import numpy as np
import small
from lowered_calls import GRID, HBAR, LEVELS, POINTS, SYSTEMS, TOEPLITZ
from small import BUMP, CLOUD, NORMAL, PLANE, WAVES, WELL, F

import jaxwigner as jw

POTENTIALS = (
    jw.potentials.Cone(1.2),
    jw.potentials.Cosine(0.7),
    jw.potentials.DoubleWell(0.7, 2.4),
    jw.potentials.Eckart(0.9, 0.6),
    jw.potentials.Free(),
    jw.potentials.Function(lambda x: x**4),
    jw.potentials.Gaussian(1.0, 1.0),
    jw.potentials.Harmonic(1.7),
    jw.potentials.Linear(1.7),
    jw.potentials.Morse(0.8, 1.1),
    jw.potentials.Pairs(lambda r: r**2 + 1 / r, 2, 1),
    jw.potentials.Ridges(WELL, [[1.0, 0.5], [0.2, -1.0]]),
    jw.potentials.Scaled(WELL, 2.0),
    jw.potentials.Separable((WELL, BUMP)),
    jw.potentials.SoftCoulomb(0.9, 0.3),
    jw.potentials.Sum((WELL, BUMP)),
    jw.potentials.Curve(np.linspace(-5.0, 5.0, 9), np.linspace(-1.0, 1.0, 9) ** 2),
    jw.potentials.Tabulated(np.linspace(-5.0, 5.0, 9), np.linspace(-1.0, 1.0, 9) ** 2),
    jw.potentials.Torsion(1.0),
)
SURFACES = (
    jw.potentials.Crossing(1.2),
    jw.potentials.DeltaGap(0.2),
    jw.potentials.JahnTeller(1.2),
    jw.potentials.MatrixFunction(lambda x: [[x, 0.1], [0.1, -x]], 2),
    jw.potentials.SuperExchange(),
    jw.potentials.Tully(1),
    jw.potentials.VibronicCoupling.pyrazine(),
)
DRIVE = jw.potentials.Driven(lambda x, t: -0.3 * x * t)
OBJECTS = {
    "Bracket": jw.Bracket(0.1, 0.2),
    "Density": F,
    "Ehrenfest": SYSTEMS["Ehrenfest"][0],
    "classical.Carriers": SYSTEMS["Ehrenfest"][1],
    "FockSpace": jw.FockSpace((0.5, 1.0), 2.0),
    "FockState": LEVELS,
    "Gaussian": NORMAL,
    "Grid": GRID,
    "ManyBody": SYSTEMS["ManyBody"][0],
    "Particles": CLOUD,
    "PartialWaves": WAVES,
    "Natural": jw.natural(1.5, 0.8),
    "PhaseGrid": PLANE,
    "RadialGrid": small.NODES,
    "Schrodinger": SYSTEMS["Schrodinger"][0],
    "Surfaces": SYSTEMS["Surfaces"][0],
    "MatrixMoyal": SYSTEMS["MatrixMoyal"][0],
    "MatrixLiouville": SYSTEMS["MatrixLiouville"][0],
    "ToeplitzState": TOEPLITZ,
    "FockExcitations": jw.FockExcitations(GRID, BUMP, HBAR, 5.0, candidates=8),
    "quantum.ProductPackets": calls.NUCLEI,
    "quantum.RelativeMotion": calls.APART,
    "ThreeNuclei": SYSTEMS["ThreeNuclei"][0],
    "transport.CouplingCost": jw.transport.CouplingCost(POINTS, POINTS),
    "transport.MomentBounds": jw.transport.MomentBounds(*map(jnp.asarray, (0.1, 0.2, 0.3, 0.4))),
}
BOOKED = {
    "driven": jw.Schrodinger(GRID, WELL + DRIVE, HBAR),
    "absorbing": jw.Schrodinger(GRID, WELL, HBAR, absorb=jw.Absorber(4.0)),
    "driven and absorbing": jw.Hartree(GRID, BUMP, HBAR, external=DRIVE, absorb=jw.Absorber(4.0)),
}


def potentials():
    """Values, gradients and what is known of each potential, in one program each."""
    found = {}
    for potential in POTENTIALS:
        x = [POINTS] * (potential.dimension or 1)
        name = f"potentials.{type(potential).__name__}"
        found[f"{name}()"] = lambda U, x: U(*x), (potential, x)
        found[f"{name}.gradient"] = lambda U, x: U.gradient(*x), (potential, x)
        found[f"{name}.coordinates"] = lambda U, x: U.coordinates(*x), (potential, x)
        found[f"{name}.at"] = lambda U, x: U.at(0.2)(*x), (potential, x)
        found[f"{name}.covers"] = lambda U, x: U.covers(-0.5, 0.5), (potential, x)
        found |= properties(name, potential)
    found["potentials.Driven.at"] = lambda U, x: (WELL + U).at(0.2)(x), (DRIVE, POINTS)
    return found | properties("potentials.Driven", DRIVE)


def surfaces():
    """Matrices, levels, vectors and couplings of each matrix potential; n and d are known before."""
    found = {}
    for potential in SURFACES:
        x = [POINTS] * potential.dimension
        name = f"potentials.{type(potential).__name__}"
        found[f"{name}()"] = lambda V, x: V(*x), (potential, x)
        for key in ("coordinates", "couplings", "gradient", "levels", "vectors"):
            found[f"{name}.{key}"] = lambda V, x, key=key: getattr(V, key)(*x), (potential, x)
        found |= properties(name, potential)
    plain = jw.potentials.as_matrix_potential(lambda x: [[x, 0.1], [0.1, -x]], 1)
    return found | {"potentials.as_matrix_potential": (lambda V, x: V(x), (plain, POINTS))}


def properties(name, value):
    """Each public property of an object as a function of it."""
    kind = type(value)
    names = [key for key in dir(kind) if not key.startswith("_")]
    return {
        f"{name}.{key}": (lambda it, key=key: getattr(it, key), (value,))
        for key in names
        if isinstance(inspect.getattr_static(kind, key), property)
    }


def objects():
    """The properties of what is neither a potential nor the result of a run, and brackets' arithmetic."""
    found = {}
    for name, value in OBJECTS.items():
        found |= properties(name, value)
    bracket = OBJECTS["Bracket"]
    for name, more in {
        "exp": (),
        "sqrt": (),
        "max": (),
        "widen": (0.1,),
        "contains": (0.1,),
    }.items():
        call = lambda it, name=name, more=more: getattr(it, name)(*more)  # noqa: E731
        found[f"Bracket.{name}"] = call, (bracket,)
    for name, system in BOOKED.items():
        found[f"evolve {name}"] = calls.run_of(), (system, small.PSI)
    run = jw.evolve(*SYSTEMS["Schrodinger"], duration=0.1, steps=3, throw=False)
    found["Diagnostics.worst"] = lambda it: it.worst(), (run.diagnostics,)
    found["Diagnostics.status"] = lambda it: it.status, (run.diagnostics,)
    return found


def all_calls():
    """A small call of each public function that computes arrays: name → (function, arguments)."""
    parts = (calls.of_systems, calls.states, calls.transforms, calls.observables, calls.classical)
    parts = (
        *parts,
        calls.own,
        calls.distances,
        few.waves,
        few.nuclei,
        few.three_nuclei,
        few.surfaces,
        potentials,
        surfaces,
        objects,
    )
    return {name: call for part in parts for name, call in part().items()}
