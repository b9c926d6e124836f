"""Data that nearly use up their claims: a wrong constant, exponent, sign or force of one that holds for them comes out violated."""

from jaxwigner.studies.claims.gp.sharp import bodies as bodies
from jaxwigner.studies.claims.gp.sharp import condensates as condensates
from jaxwigner.studies.claims.gp.sharp import growth as growth
from jaxwigner.studies.claims.gp.sharp import mean_field as mean_field
from jaxwigner.studies.claims.gp.sharp import rulers as rulers
