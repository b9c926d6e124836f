"""The equations of motion: wrong factors and signs of the interaction, which a bound from one side cannot see."""

from ..mutant import Change, Mutant

CLASSICAL, BODIES, WAVES = "classical/vlasov.py", "classical/nbody.py", "quantum/nbody.py"
FIELD = "slopes = slopes + self.forces.slope(particles.positions, particles.weights)"
HARTREE = "U = self.external + self.field(rho)[0]"
FORCE = "return (own + self.forces.slope(x, weights)).reshape(-1)"
PAIR = "total = total + self.pair(*self._differences(x, y)) / self.number"


def vlasov(factor: str) -> Change:
    return Change(CLASSICAL, FIELD, FIELD.replace("self.forces", f"{factor} * self.forces"))


def hartree(factor: str) -> Change:
    return Change("quantum/hartree.py", HARTREE, HARTREE.replace("self.field", f"{factor} * self.field"))


def bodies(factor: str) -> Change:
    return Change(BODIES, FORCE, FORCE.replace("self.forces", f"{factor} * self.forces"))


def waves(factor: str) -> Change:
    return Change(WAVES, PAIR, PAIR.replace("self.pair", f"{factor} * self.pair"))


GROWTH, MARGINAL = "gp.stability.nonlinear", "gp.mean_field.mean_field_limit"
MUTANTS = (
    Mutant("M01", "Vlasov's force twice", (vlasov("2"),), GROWTH),
    Mutant("M02", "Hartree's field twice", (hartree("2"),), GROWTH),
    Mutant("M03", "all fields twice, as the printed sums", (vlasov("2"), hartree("2"), bodies("2"), waves("2")), GROWTH),
    Mutant("M04", "all fields with the other sign", (vlasov("-1"), hartree("-1"), bodies("-1"), waves("-1")), GROWTH),
    Mutant("M05", "1/(N − 1) for quantum bodies", (Change(WAVES, PAIR, PAIR.replace("self.number", "(self.number - 1)")),), MARGINAL),
    Mutant("M06", "the force of classical bodies twice", (bodies("2"),), MARGINAL),
    Mutant("M07", "the forces of both kinds of bodies twice", (bodies("2"), waves("2")), MARGINAL),
    Mutant("M08", "no interaction of quantum bodies", (waves("0.0"),), MARGINAL),
)
