"""The claims of the two papers as numbers: each function measures both sides and returns an `Inequality`.

wigner_measures    the Wigner function at a fixed time and its bounds (AFG (5), (6), Lemma 2.2, (18), (19))
limit_measures     limits of Wigner functions: masses, positivity, projections (AFG Lemma 3.1)
wigner_equation    the Wigner equation (AFG (WE), (15), Lemma 2.1)
liouville_defect   what it has beyond the Liouville equation, and the split of AFG (35)
propagation        bounds along an evolution, uniform in ħ (AFG Lemmas 3.2, 3.3)
initial_data       energies and spreads of wave packets (AFG §1)
classical_limit    observables against classical ensembles (AFG Theorem 1.1)
born_oppenheimer   the potential energy surface of H2+ and level crossings (AFG (2), Remarks 1, 6)
hydrogen_molecule  the potential energy curve of H2 (AFG (2), Remark 5)
husimi_functions   Husimi functions in several ways (Golse–Paul Remark 2.3)
coulomb            Coulomb repulsion of two nuclei in R³ (AFG Lemma 5.1, (9), (28), (56))
coulomb_bodies     repulsion of M nuclei on product packets, M = 3 and more (AFG Lemma 5.1, (9), (28), (53), (56))
coulomb_bodies_cutoff   the corrected cut-off η_δ for M nuclei (AFG Step 3, (48), (49))
coulomb_bodies_limit    classical ensembles of M nuclei (AFG Theorem 1.1 (iii))
coulomb_cutoff     what a cut-off at the singular set keeps (AFG (45), (48), (49))
coulomb_limit      its classical limit, its reduction to one coordinate, what breaks it (AFG Theorem 1.1 (iii))
coulomb_space      two nuclei without symmetry, on a grid in R³ (AFG Lemma 5.1, (51), (52))
three_nuclei       three nuclei in motion at J = 0, and their classical ensemble (AFG Lemma 5.1, (9), (27), (28), Theorem 1.1 (iii))
coulomb_observables   observables beside the singularity against classical ensembles (AFG Theorem 1.1)
comparison         the semiquantum distance against what it generalises (Golse–Paul Theorem 2.4)
stability          how it grows along the flows (Golse–Paul Lemma 4.1, Theorems 2.5, 2.7)
square             the five arrows of Diagram 1 (Golse–Paul §1)
mk_static          MK_ħ between two quantum states: its floor, bounds, invariances, loss (Golse–Mouhot–Paul)
mk_packets         packets: what entangled couplings save, tensor products, symmetric states
mk_triangles       triangle inequalities between the three rulers
mk_growth          how MK_ħ grows along two solutions
mk_mean_field      from N bodies to the Hartree equation, uniformly in ħ
mk_bosons          the same for bosons and a V that is not quadratic
mk_upper_arrow     the upper arrow of Diagram 1 in trace norm, in Husimi functions and in MK_ħ
mk_splitting       time splitting uniformly in ħ (Golse–Jin–Paul)
surfaces_reduction      one level for several: during a passage and behind it (Born, Oppenheimer; Spohn, Teufel)
surfaces_scattering     scattering on several surfaces at one energy, exactly
surfaces_dykhne         hops between levels by their complex crossing (Dykhne, Davis, Pechukas)
surfaces_landau_zener   hops between two levels that pass each other at a distance (Landau, Zener; AFG Remark 1)
surfaces_cones     a packet that meets the tip of a cone: what one level, and one measure, do not tell (AFG Remark 1)
surfaces_hopping   single switch hopping against the exact dynamics
surfaces_berry     Berry's phase in the trough of Jahn and Teller's surfaces
surfaces_orders    the order of splitting methods where V(x) are matrices
surfaces_quantum_classical   the quantum-classical Liouville equation against the exact dynamics
mean_field         from N bodies to one (Golse–Paul Theorem 2.6, Lemmas 5.1, 5.4, (17), (18))
"""

from jaxwigner.inequality import Inequality as Inequality
from jaxwigner.inequality import fitted_rate as fitted_rate
from jaxwigner.inequality import rate as rate
from jaxwigner.inequality import refinement as refinement
from jaxwigner.theorems.afg import born_oppenheimer as born_oppenheimer
from jaxwigner.theorems.afg import classical_limit as classical_limit
from jaxwigner.theorems.afg import hydrogen_molecule as hydrogen_molecule
from jaxwigner.theorems.afg import initial_data as initial_data
from jaxwigner.theorems.afg import limit_measures as limit_measures
from jaxwigner.theorems.afg import liouville_defect as liouville_defect
from jaxwigner.theorems.afg import propagation as propagation
from jaxwigner.theorems.afg import three_nuclei as three_nuclei
from jaxwigner.theorems.afg import wigner_equation as wigner_equation
from jaxwigner.theorems.afg import wigner_measures as wigner_measures
from jaxwigner.theorems.afg.coulomb import bodies as coulomb_bodies
from jaxwigner.theorems.afg.coulomb import bodies_cutoff as coulomb_bodies_cutoff
from jaxwigner.theorems.afg.coulomb import bodies_limit as coulomb_bodies_limit
from jaxwigner.theorems.afg.coulomb import bounds as coulomb
from jaxwigner.theorems.afg.coulomb import cutoff as coulomb_cutoff
from jaxwigner.theorems.afg.coulomb import limit as coulomb_limit
from jaxwigner.theorems.afg.coulomb import observables as coulomb_observables
from jaxwigner.theorems.afg.coulomb import space as coulomb_space
from jaxwigner.theorems.gp import comparison as comparison
from jaxwigner.theorems.gp import husimi_functions as husimi_functions
from jaxwigner.theorems.gp import mean_field as mean_field
from jaxwigner.theorems.gp import square as square
from jaxwigner.theorems.gp import stability as stability
from jaxwigner.theorems.mk import bosons as mk_bosons
from jaxwigner.theorems.mk import growth as mk_growth
from jaxwigner.theorems.mk import mean_field as mk_mean_field
from jaxwigner.theorems.mk import packets as mk_packets
from jaxwigner.theorems.mk import splitting as mk_splitting
from jaxwigner.theorems.mk import static as mk_static
from jaxwigner.theorems.mk import triangles as mk_triangles
from jaxwigner.theorems.mk import upper_arrow as mk_upper_arrow
from jaxwigner.theorems.surfaces import berry as surfaces_berry
from jaxwigner.theorems.surfaces import cones as surfaces_cones
from jaxwigner.theorems.surfaces import dykhne as surfaces_dykhne
from jaxwigner.theorems.surfaces import hopping as surfaces_hopping
from jaxwigner.theorems.surfaces import landau_zener as surfaces_landau_zener
from jaxwigner.theorems.surfaces import orders as surfaces_orders
from jaxwigner.theorems.surfaces import quantum_classical as surfaces_quantum_classical
from jaxwigner.theorems.surfaces import reduction as surfaces_reduction
from jaxwigner.theorems.surfaces import scattering as surfaces_scattering
