"""Small calls of what one or few bodies in space ask for: partial waves, surfaces, two and three nuclei."""

import jax.numpy as jnp
from lowered_calls import (
    APART,
    CHARGES,
    CUBE,
    HBAR,
    MEAN_FIELD,
    NUCLEI,
    OF_LEVELS,
    POINTS,
    PSI3,
    SYSTEMS,
    THREE_PACKET,
    gradient_of,
    run_of,
)
from small import BUMP, CLOUD, EXACT, GRID, PSI, WAVES, U

import jaxwigner as jw
from jaxwigner.quantum import product_packets as packets
from jaxwigner.quantum import radial_observables as radial
from jaxwigner.quantum import radial_planes
from jaxwigner.quantum import relative_motion as relative


def waves():
    names = ["coulomb_square", "cross_term", "density_at_origin", "mean_energies", "force_moment"]
    names += ["gradient_term", "hamiltonian_square", "inverse_square", "kinetic_part"]
    names += ["positive_parts", "radial_density"]
    found = {name: getattr(radial, name) for name in names}
    found["angular_density"] = lambda u, s: radial.angular_density(u, s, POINTS)
    found["inner_mass"] = lambda u, s: radial.inner_mass(u, s, 1.0)
    found["first_order_mass"] = lambda u, s: radial.first_order_mass(u, s, 0.1)
    found["end_square"] = radial.end_square
    found["outer_mass"] = lambda u, s: radial.outer_mass(u, s, 1.0)
    found["wave_function"] = lambda u, s: radial.wave_function(u, s, jnp.ones((1, 3)))
    found = {f"quantum.radial_observables.{name}": (f, (U, WAVES)) for name, f in found.items()}
    return found | {
        "evolve_exactly": (lambda s, u: jw.evolve_exactly(s, u, POINTS), (EXACT, jnp.asarray(U))),
        "quantum.radial_planes.radial_state": (
            lambda u, s: radial_planes.radial_state(u, s),
            (U, WAVES),
        ),
        "RadialGrid.curvature": (lambda u: WAVES.grid.curvature(u), (U,)),
        "RadialGrid.end_curvature": (lambda u: EXACT.grid.end_curvature(u), (jnp.asarray(U),)),
        "RadialGrid.slope": (lambda u: WAVES.grid.slope(u), (U,)),
        "RadialGrid.interpolate": (lambda u: WAVES.grid.interpolate(u, POINTS), (U,)),
        "PartialWaves.per_wave": (lambda s: s.per_wave(jnp.arange(8.0)), (WAVES,)),
        "PartialWaves.on": (lambda s: s.on(waves=6).values, (WAVES,)),
    }


def surfaces():
    """What a system of several surfaces says of its states; three levels ask for eigenvectors."""
    system, state = SYSTEMS["Surfaces"]
    three = jw.Surfaces(GRID, jw.potentials.SuperExchange(), HBAR, 2000.0)
    three_levels = jnp.stack([PSI, 1j * PSI, 0 * PSI])
    of_states = {name: (lambda s, u, name=name: getattr(s, name)(u)) for name in OF_LEVELS}
    kinds = ("Surfaces", "MatrixMoyal", "MatrixLiouville")
    found = {
        f"{kind}.{name}": (call, SYSTEMS[kind])
        for kind in kinds
        for name, call in of_states.items()
    }
    carried = SYSTEMS["Ehrenfest"]
    for name in ("electronic", "populations"):
        found[f"Ehrenfest.{name}"] = (lambda s, u, name=name: getattr(s, name)(u)), carried
    found |= {
        "Surfaces.on_level": (lambda s, psi: s.on_level(psi, "upper"), (system, PSI)),
        "Surfaces.unsettled": (lambda s, psi: s.unsettled(psi, 0), (system, PSI)),
        "Ehrenfest.on_level": (lambda s, z: s.on_level(z, "upper"), (MEAN_FIELD, CLOUD)),
        "Surfaces.populations three": (of_states["populations"], (three, three_levels)),
        "evolve Surfaces three": (run_of(method="symmetric-6"), (three, three_levels)),
        "gradient Surfaces three": (gradient_of("reversible"), (three, three_levels)),
    }
    return found


def three_nuclei():
    """What three nuclei say of their states, and how a state is made; numbers of the packet are traced."""
    system, state = SYSTEMS["ThreeNuclei"]
    found = {name: getattr(jw.ThreeNuclei, name) for name in ("bounds", "hamiltonian", "wave")}
    found["close"] = lambda s, c: s.close(c, 1.0)
    found = {f"ThreeNuclei.{name}": (call, (system, state)) for name, call in found.items()}
    ahead = (1.0, -0.5)
    return found | {
        "packet_three": (lambda s, d, v: jw.packet_three(s, d, v), (system, *ahead)),
        "quantum.equilateral": (lambda s, d, v: jw.quantum.equilateral(s, d, v), (system, *ahead)),
        "quantum.ThreePacket.state": (lambda p, s: p.state(s), (THREE_PACKET, system)),
        "quantum.ThreePacket.spread": (lambda p, h: p.spread(h), (THREE_PACKET, HBAR)),
    }


def nuclei():
    gap = jnp.array([0.0, 0.3, 1.0])
    pairs = {
        "coulomb_square": lambda p: packets.coulomb_square(p, CHARGES),
        "cross_term": lambda p: packets.cross_term(p, CHARGES),
        "mean_energies": lambda p: packets.mean_energies(p, CHARGES),
        "kinetic_square": packets.kinetic_square,
        "kinetic_density": lambda p: packets.kinetic_density(p, p.positions[None]),
        "origin_term": lambda p: packets.origin_term(p, CHARGES),
    }
    gaps = {
        "gap_density": lambda g: packets.gap_density(g, 1.0),
        "inner_mass": lambda g: packets.inner_mass(g, 1.0, 0.5),
        "inverse_distance": lambda g: packets.inverse_distance(g, 1.0),
        "inverse_square": lambda g: packets.inverse_square(g[None], 1.0),
        "inverse_product": lambda g: packets.inverse_product((g, g), (1.0, 1.0), 0.5),
    }
    cubes = {
        "bounded_values": lambda psi: relative.bounded_values(BUMP, CUBE),
        "coulomb_square": lambda psi: relative.coulomb_square(psi, APART),
        "hamiltonian_square": lambda psi: relative.hamiltonian_square(psi, APART),
        "inverse_square": lambda psi: relative.inverse_square(psi, CUBE),
        "mean_distance": lambda psi: relative.mean_distance(psi, APART),
        "mean_inverse_distance": lambda psi: relative.mean_inverse_distance(CUBE),
        "resampled": lambda psi: relative.resampled(psi, CUBE, relative.centred_box(4.0, 6)),
        "value_at_origin": lambda psi: relative.value_at_origin(psi, CUBE),
        "centred_box": lambda psi: relative.centred_box(4.0, 8).mesh,
    }
    page = "quantum.product_packets"
    return (
        {f"{page}.{name}": (call, (NUCLEI,)) for name, call in pairs.items()}
        | {f"{page}.{name}": (call, (gap,)) for name, call in gaps.items()}
        | {f"quantum.relative_motion.{name}": (call, (PSI3,)) for name, call in cubes.items()}
        | {
            "quantum.ProductPackets.configurations": (
                lambda p, z: p.configurations(z),
                (NUCLEI, jnp.ones((2, 9))),
            ),
            "quantum.RelativeMotion.on": (lambda s: s.on(6).values, (APART,)),
        }
    )
