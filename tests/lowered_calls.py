"""A small call of each public function that computes arrays, as a device would run it: name → (function, arguments).

Names are the first under which tests/public_names.txt lists the function. Grids, methods and what decides what is done are closed
over: known before a program begins.
"""

import jax
import jax.numpy as jnp
import numpy as np
from nuclei import product
from small import (
    BUMP,
    CLOUD,
    GRID,
    MIXED,
    NODES,
    NORMAL,
    PLANE,
    PSI,
    SPACE,
    WAVES,
    WELL,
    F,
    U,
)

import jaxwigner as jw
from jaxwigner.phase_space import GaussianTest
from jaxwigner.quantum import relative_motion as relative

HBAR = 0.5
HALF = jnp.array([0.5, 0.5])
POINTS = jnp.array([0.1, 0.7])
TEST = GaussianTest(lambda x: jnp.exp(-(x**2)), 0.3, 0.8)
CUBE = relative.centred_box(4.0, 8)
PSI3 = jw.wave_packet(CUBE, (0.0, 0.0, 1.0), (0.3, 0.0, -0.5), HBAR)
APART = relative.RelativeMotion(CUBE, 0.5, HBAR)
NUCLEI = product(3)
CHARGES = jnp.ones(3)
BODIES = jw.Particles([1.0], [np.arange(9.0)], [np.ones(9)])
TRIANGLES = jw.Particles([0.5, 0.5], np.arange(18.0).reshape(2, 9), np.ones((2, 9)))
PAIR = jw.Particles([1.0], [[-1.0, 1.0]], [[0.0, 0.0]])
LEVELS = jw.FockState(np.diag([0.7, 0.3]).astype(complex), HBAR)
TOEPLITZ = jw.ToeplitzState(CLOUD, HBAR)
TWO_LEVELS = jnp.stack([PSI, 1j * PSI])
TWO = jnp.asarray(jw.product_state(PSI, 2))
FIELDS = jnp.array([[0.5, 0.5j], [-0.5j, 0.5]])[:, :, None, None] * F.values[None, None]
THREE = jw.ThreeNuclei(hbar=HBAR, radii=NODES, angles=4, masses=(1.0, 2.0, 1.5))
THREE_PACKET = jw.quantum.equilateral(THREE, 4.0, 0.0)
MEAN_FIELD = jw.Ehrenfest(jw.potentials.DeltaGap(0.2), HBAR)

# Every system with a state of it.
SYSTEMS = {
    "Schrodinger": (jw.Schrodinger(GRID, WELL, HBAR), PSI),
    "Moyal": (jw.Moyal(PLANE, WELL, HBAR), F.values),
    "Liouville": (jw.Liouville(PLANE, WELL), F.values),
    "Vlasov": (jw.Vlasov(PLANE, BUMP), F.values),
    "Newton": (jw.Newton(WELL), CLOUD),
    "VlasovParticles": (jw.VlasovParticles(BUMP), CLOUD),
    "Hartree": (jw.Hartree(GRID, BUMP, HBAR), MIXED),
    "ManyBody": (jw.ManyBody(GRID, BUMP, HBAR, 2), TWO),
    "ManyBodyNewton": (jw.ManyBodyNewton(BUMP, 2), PAIR),
    "PartialWaves": (WAVES, jnp.asarray(U)),
    "CoulombFlow": (jw.CoulombFlow(0.5), SPACE),
    "CoulombBodies": (jw.CoulombBodies(np.ones((3, 3))), BODIES),
    "quantum.RelativeMotion": (APART, PSI3),
    "Surfaces": (jw.Surfaces(GRID, jw.potentials.DeltaGap(0.2), HBAR), TWO_LEVELS),
    "MatrixMoyal": (jw.MatrixMoyal(PLANE, jw.potentials.DeltaGap(0.2), HBAR), FIELDS),
    "MatrixLiouville": (jw.MatrixLiouville(PLANE, jw.potentials.DeltaGap(0.2), HBAR), FIELDS),
    "ThreeNuclei": (THREE, jnp.full(THREE.shape, 0.01 + 0.01j)),
    "Ehrenfest": (MEAN_FIELD, MEAN_FIELD.on_level(CLOUD, 0)),
}
RING = jw.Grid(-4.0, 4.5, 16, periodic=True)
K = lambda p: jnp.sqrt(1 + p**2)  # noqa: E731
# The same with what a system may be given besides.
OTHER = {
    "ring": (jw.Schrodinger(RING, lambda x: 0.0 * x, HBAR, kinetic=K), PSI),
    "diffusion": (jw.Moyal(PLANE, WELL, HBAR, diffusion=0.1), F.values),
    "velocities": (jw.Newton(WELL, kinetic=K), CLOUD),
}
OF_LEVELS = ("adiabatic", "electronic", "nuclear", "populations")
FLOWS = ("drift", "kick", "drift_flow", "kick_flow", "modified_kick_flow")
HALF_FLOWS = {"drift_flow": (0.1,), "kick_flow": (0.1,), "modified_kick_flow": (0.1, 0.01)}


def method_of(name):
    """A method of a system as a function of the system and its state."""

    def call(system, state):
        state = system.enter(state)
        if name in HALF_FLOWS:
            return getattr(system, name)(*HALF_FLOWS[name])(state)
        if name == "observables":
            return {key: one(state) for key, one in system.observables().items()}
        if name == "observed_axes":
            return [axis for axes in system.observed_axes().values() for axis in axes.values()]
        return getattr(system, name)(*() if name == "coordinates" else (state,))

    def flow(system, state):
        return getattr(system, name)(system.enter(state), 0.1)

    return flow if name in ("drift", "kick") else call


def of_systems():
    """`enter`, the flows, what they are made of and the diagnostics of each system; and runs with their gradients."""
    found = {}
    for name, (system, state) in SYSTEMS.items():
        for method in (*FLOWS, "enter", "diagnose", "coordinates", "observables", "observed_axes"):
            if method == "modified_kick_flow" and not has_modified_kick(system):
                continue
            found[f"{name}.{method}"] = method_of(method), (system, state)
        found[f"evolve {name}"] = run_of(), (system, state)
        found[f"gradient {name}"] = gradient_of("reversible"), (system, state)
    for kind in ("checkpointed", "forward"):
        found[f"gradient {kind}"] = gradient_of(kind), SYSTEMS["Schrodinger"]
    for name, system in OTHER.items():
        found[f"evolve {name}"] = run_of(method="strang"), system
    return found


def has_modified_kick(system):
    try:
        system.modified_kick_flow(0.1, 0.01)
    except ValueError:
        return False
    return True


def run_of(**options):
    how = {"duration": 0.1, "steps": 3, "throw": False, **options}
    return lambda system, state: jw.evolve(system, state, **how)


def gradient_of(kind):
    """d/dt Σ|final|² of a run and its gradient with respect to the time and the state."""

    def value(time, system, state):
        kinds = {"duration": time, "steps": 3, "throw": False, "gradient": kind}
        end = jw.evolve(system, state, **kinds).state
        return sum(jnp.sum(jnp.abs(leaf) ** 2) for leaf in jax.tree.leaves(end))

    if kind == "forward":
        return lambda system, state: jax.jvp(lambda t: value(t, system, state), (0.1,), (1.0,))
    return lambda system, state: jax.grad(value)(0.1, system, state)


def states():
    return {
        "coherent_state": (lambda q, h: jw.coherent_state(GRID, q, 0.1, h), (0.2, HBAR)),
        "cat_state": (lambda q: jw.cat_state(GRID, q, 0.0, HBAR), (1.0,)),
        "squeezed_state": (lambda q: jw.squeezed_state(GRID, q, 0.0, HBAR, 1.2), (0.2,)),
        "wave_packet": (lambda q, h: jw.wave_packet(GRID, q, 0.1, h), (0.2, HBAR)),
        "fock_orbitals": (lambda h: jw.fock_orbitals(GRID, 3, h), (HBAR,)),
        "thermal_state": (lambda T: jw.thermal_state(3, HBAR, T).matrix, (1.0,)),
        "product_state": (lambda psi: jw.product_state(psi, 2), (PSI,)),
        "phase_grid": (lambda h: jw.phase_grid(GRID, h).mesh, (HBAR,)),
        "classical.packet_cloud": (lambda h: jw.packet_cloud(1.0, -0.5, h, count=32), (HBAR,)),
        "cloud_three": (lambda h, d: jw.cloud_three(h, d, count=256), (HBAR, 4.0)),
        "observables.triangle": (jw.observables.triangle, (BODIES,)),
        "observables.triangle_means": (
            lambda c: jw.observables.triangle_means(c, copies=2),
            (TRIANGLES,),
        ),
        "phase_space.toeplitz_state": (lambda c: jw.toeplitz_state(c, GRID, HBAR), (CLOUD,)),
        "packet_waves": (lambda s: jw.packet_waves(s, 4.0, 0.0), (WAVES,)),
        "quadratic_marginal": (lambda s: jw.quadratic_marginal(s, 1.0, 3, 0.4), (NORMAL,)),
    }


def own():
    """States and units of the user's own system."""
    system, packet = jw.OwnSystem(WELL, 1.0), jw.Packet(0.3, 0.1)
    units, uniforms = jw.natural(1.5, 0.8), np.full((4, 2), 0.3)
    members = {
        "wave": lambda p, s: p.wave(s, GRID, HBAR),
        "cloud": lambda p, s: p.cloud(s, HBAR, 16),
        "points": lambda p, s: p.points(s, HBAR, uniforms),
        "centre": lambda p, s: p.centre(s, HBAR),
        "deviations": lambda p, s: p.deviations(s, HBAR),
        "matrix": lambda p, s: p.matrix(s, HBAR),
        "rim": lambda p, s: p.rim(s, HBAR),
    }
    found = {f"Packet.{name}": (call, (packet, system)) for name, call in members.items()}
    conversions = {
        "potential": lambda n: n.potential(WELL)(POINTS),
        "grid": lambda n: n.grid(GRID).mesh,
        "atomic_grid": lambda n: n.atomic_grid(GRID).mesh,
        "wave": lambda n: n.wave(PSI, GRID),
        "atomic_wave": lambda n: n.atomic_wave(PSI, GRID),
    }
    found |= {f"Natural.{name}": (call, (units,)) for name, call in conversions.items()}
    return found | {"natural": (lambda m, w: jw.natural(m, w).hbar, (1.5, 0.8))}


def transforms():
    bilinear = lambda a, b: jw.phase_space.bilinear_wigner(a, b, GRID, PLANE, HBAR)  # noqa: E731
    found = {
        "wigner_at": lambda psi: jw.phase_space.wigner_at(psi, GRID, 0.1, 0.2, HBAR),
        "wigner_expectation": lambda psi: jw.phase_space.wigner_expectation(psi, GRID, TEST, HBAR),
        "weak_integral": lambda psi: jw.phase_space.weak_integral(psi, GRID, TEST.transform, HBAR),
        "f_hbar": lambda psi: jw.phase_space.f_hbar(psi, WELL, GRID, PLANE, HBAR),
        "g_hbar": lambda psi: jw.phase_space.g_hbar(psi, WELL, GRID, PLANE, HBAR),
    }
    found = {f"phase_space.{name}": (function, (PSI,)) for name, function in found.items()}
    matrix = lambda psi: jw.matrix_wigner(psi, GRID, PLANE, HBAR)  # noqa: E731
    found["matrix_wigner"] = matrix, (TWO_LEVELS,)
    for name in ("wigner", "husimi"):
        transform = getattr(jw, name)
        for kind, state in (("pure", PSI), ("mixed", MIXED), ("levels", LEVELS)):
            call = lambda u, transform=transform: transform(u, GRID, PLANE, HBAR)  # noqa: E731
            found[f"{name} {kind}"] = call, (state,)
        call = lambda u, x, transform=transform: transform(u, GRID, hbar=HBAR, at=(x, x))  # noqa: E731
        found[f"{name} at points"] = call, (PSI, POINTS)
    return found | {
        "phase_space.bilinear_wigner": (bilinear, (PSI, PSI)),
        "marginals": (lambda W: jw.marginals(W, PLANE), (F.values,)),
        "reduced_state": (lambda psi: jw.reduced_state(psi, GRID, 1), (TWO,)),
        "phase_space.GaussianTest.norm": (lambda test: test.norm(1), (TEST,)),
        "phase_space.GaussianTest.reach": (lambda test: test.reach(), (TEST,)),
        "phase_space.GaussianTest.transform": (
            lambda test, x: test.transform((x,), (x,)),
            (TEST, POINTS),
        ),
    }


def observables():
    seen = jw.observables
    on_grid = {
        "current": lambda psi: seen.current(psi, GRID, HBAR),
        "density_of": seen.density_of,
        "kinetic_energy": lambda psi: seen.kinetic_energy(psi, GRID, HBAR),
        "mean_angle": lambda psi: seen.mean_angle(psi, GRID),
        "mean_kinetic": lambda psi: seen.mean_kinetic(jnp.abs(psi) ** 2, GRID, HBAR, 1.0, None),
        "mean_momentum": lambda psi: seen.mean_momentum(psi, GRID, HBAR),
        "mean_position": lambda psi: seen.mean_position(psi, GRID),
        "flux": lambda psi: seen.flux(psi, GRID, 0.1, HBAR),
        "transmitted": lambda psi: seen.transmitted(psi, GRID, 0.1),
        "momentum_density": lambda psi: seen.momentum_density(psi, GRID, HBAR),
        "momentum_distribution": lambda psi: seen.momentum_distribution(psi, GRID, HBAR),
        "autocorrelation": lambda psi: seen.autocorrelation(psi, GRID)(psi),
        "norm": lambda psi: seen.norm(psi, GRID),
        "position_density": lambda psi: seen.position_density(psi, GRID),
        "potential_energy": lambda psi: seen.potential_energy(psi, GRID, WELL(GRID.axes[0])),
        "spectral_weights": lambda psi: seen.spectral_weights(psi, GRID),
        "square": seen.square,
        "total": lambda psi: seen.total(jnp.abs(psi)),
    }
    found = {f"observables.{name}": (call, (MIXED.orbitals[0],)) for name, call in on_grid.items()}
    density = jnp.abs(PSI) ** 2
    return found | {
        "observables.edge_mass": (lambda rho: seen.edge_mass(rho, (0,)), (density,)),
        "observables.spectral_tail": (
            lambda rho: seen.spectral_tail(rho, GRID.wavenumbers),
            (density,),
        ),
        "observables.moments": (seen.moments, (CLOUD,)),
        "observables.phase_moments": (lambda W: seen.phase_moments(W, PLANE), (F.values,)),
    }


def classical():
    one = lambda c, key: jw.classical.product_measure(c, 3, 4, key)  # noqa: E731
    many = {"duration": 0.1, "most": 50}
    gap = jw.potentials.DeltaGap(0.2)
    paths = {"hbar": HBAR, "duration": 0.5, "steps": 4, "saves": 2}
    return {
        "classical.evolve_adaptively": (
            lambda s, c: jw.evolve_adaptively(s, c, **many),
            SYSTEMS["CoulombBodies"],
        ),
        "single_switch": (lambda c: jw.single_switch(gap, c, 0, branches=2, **paths), (CLOUD,)),
        "fewest_switches": (lambda c: jw.fewest_switches(gap, c, 1, **paths), (CLOUD,)),
        "classical.reduced_state": (lambda c: jw.classical.reduced_state(c, 2, 1), (PAIR,)),
        "classical.product_measure": (one, (CLOUD, jax.random.key(0))),
        "CoulombBodies.energies": (lambda s, c: s.energies(c), SYSTEMS["CoulombBodies"]),
        "theorems.coulomb_bodies_limit.energies": (
            jw.theorems.coulomb_bodies_limit.energies,
            SYSTEMS["CoulombBodies"],
        ),
        "theorems.coulomb_bodies.mean_of": (
            jw.theorems.coulomb_bodies.mean_of,
            (jnp.arange(6.0).reshape(2, 3),),
        ),
        "theorems.coulomb_bodies.pair_distances": (
            jw.theorems.coulomb_bodies.pair_distances,
            (jnp.arange(18.0).reshape(2, 3, 3),),
        ),
        "CoulombBodies.gaps": (lambda s, c: s.gaps(c), SYSTEMS["CoulombBodies"]),
        "CoulombFlow.energies": (lambda s, c: s.energies(c), SYSTEMS["CoulombFlow"]),
        "Vlasov.density": (lambda s, f: s.density(f), SYSTEMS["Vlasov"]),
        "Hartree.field_of": (lambda s, u: s.field_of(u), SYSTEMS["Hartree"]),
        "Liouville.delta": (lambda s, f: s.delta(WELL), SYSTEMS["Liouville"]),
        "Moyal.delta": (lambda s, f: s.delta(WELL), SYSTEMS["Moyal"]),
        "ManyBodyNewton.forces_of": (
            lambda s, c: s.forces_of(c.positions, c.weights),
            SYSTEMS["ManyBodyNewton"],
        ),
    }


def distances():
    transport = jw.transport
    state = jw.toeplitz_state(CLOUD, GRID, HBAR)
    sinkhorn = {"method": "sinkhorn"}
    slope = lambda c, psi: transport.packet_rate(c, psi, GRID, HBAR, -c.positions, GRID.axes[0])  # noqa: E731
    return {
        "monge_kantorovich": (lambda p, q: jw.monge_kantorovich(p, q, **sinkhorn), (CLOUD, CLOUD)),
        "line_distance": (jw.line_distance, (POINTS, HALF, POINTS, HALF)),
        "semiquantum": (lambda p, R: jw.semiquantum(p, R, grid=GRID, hbar=HBAR), (CLOUD, MIXED)),
        "semiquantum gradient": (
            lambda p, R: jax.grad(
                lambda p: jw.semiquantum(p, R, grid=GRID, hbar=HBAR).cost.centre, allow_int=True
            )(p),
            (CLOUD, MIXED),
        ),
        "semiquantum smoothed": (
            lambda p, R: jw.semiquantum(p, R, grid=GRID, hbar=HBAR, method="smoothed_dual"),
            (CLOUD, MIXED),
        ),
        "transport.gaussian_cost": (lambda p: transport.gaussian_cost(p, p, HBAR), (NORMAL,)),
        "transport.gaussian_pair_cost": (
            lambda p: transport.gaussian_pair_cost(p, p, HBAR),
            (NORMAL,),
        ),
        "transport.self_distance": (lambda p: transport.self_distance(p, HBAR), (NORMAL,)),
        "transport.fock_diagonal_cost": (
            lambda p: transport.fock_diagonal_cost(p, p, HBAR),
            (HALF,),
        ),
        "quantum_transport": (lambda R, S: jw.quantum_transport(R, S, rank=2), (LEVELS, TOEPLITZ)),
        "quantum_transport gradient": (
            jax.grad(lambda R, S: jw.quantum_transport(R, S, rank=2).cost.centre),
            (TOEPLITZ, LEVELS),
        ),
        "transport.moment_bounds": (lambda p: transport.moment_bounds(p, p, HBAR), (NORMAL,)),
        "transport.pair_cost": (lambda R: transport.pair_cost(R, R, GRID, HBAR), (MIXED,)),
        "transport.gelbrich_bound": (lambda p: transport.gelbrich_bound(p, p, HBAR), (NORMAL,)),
        "transport.isotropic_bound": (lambda p: transport.isotropic_bound(p, p, HBAR), (NORMAL,)),
        "transport.optimal_metric": (lambda p: transport.optimal_metric(p, p, HBAR), (NORMAL,)),
        "transport.product_cost": (lambda p: transport.product_cost(p, p), (NORMAL,)),
        "transport.squeezing": (lambda M: transport.squeezing(M, HBAR), (jnp.eye(2),)),
        "transport.moments": (transport.moments, (CLOUD,)),
        "transport.quantum_moments": (
            lambda R: transport.quantum_moments(R, grid=GRID, hbar=HBAR),
            (MIXED,),
        ),
        "transport.packet_cost": (
            lambda c, psi: transport.packet_cost(c, psi, GRID, HBAR),
            (CLOUD, state),
        ),
        "transport.packet_rate": (slope, (CLOUD, state)),
        "transport.carry": (
            lambda c, psi: (
                transport.carry(
                    c,
                    psi,
                    jw.VlasovParticles(BUMP),
                    jw.Hartree(GRID, BUMP, HBAR),
                    **{"grid": GRID, "hbar": HBAR, "duration": 0.1, "steps": 2, "throw": False},
                ).costs
            ),
            (CLOUD, state),
        ),
    }


def asking():
    """What asks the host while it runs."""
    return {
        "cat_state": states()["cat_state"],
        "ground_state": (
            lambda g: (
                jw.ground_state(
                    jw.Hartree(GRID, jw.potentials.Contact(g), HBAR, external=WELL)
                ).energy
            ),
            (1.0,),
        ),
        "levels": (lambda h: jw.levels(jw.Schrodinger(GRID, WELL, h), 2).energies, (HBAR,)),
        "observables.spectrum": (lambda C: jw.spectrum(C, 0.1), (jnp.exp(-0.1j * np.arange(9)),)),
        "evolve": (run_of(throw=True), SYSTEMS["Schrodinger"]),
        "monge_kantorovich": (
            lambda p, q: jw.monge_kantorovich(p, q, method="exact"),
            (CLOUD, CLOUD),
        ),
    }
