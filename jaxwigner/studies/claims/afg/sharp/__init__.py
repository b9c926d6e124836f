"""Data that nearly use up their claims: a wrong constant, exponent or sign of one that holds for them comes out violated."""

from jaxwigner.studies.claims.afg.sharp import closest as closest
from jaxwigner.studies.claims.afg.sharp import collisions as collisions
from jaxwigner.studies.claims.afg.sharp import defects as defects
from jaxwigner.studies.claims.afg.sharp import from_rest as from_rest
from jaxwigner.studies.claims.afg.sharp import motion as motion
from jaxwigner.studies.claims.afg.sharp import nuclei as nuclei
from jaxwigner.studies.claims.afg.sharp import on_the_set as on_the_set
from jaxwigner.studies.claims.afg.sharp import starts as starts
from jaxwigner.studies.claims.afg.sharp import three_in_motion as three_in_motion
from jaxwigner.studies.claims.afg.sharp import tightness as tightness
