"""Programs that are kept: what a function depends on (`identity.py`), and one program for all that it does not depend on."""

from jaxwigner.compiled.programs import Static as Static
from jaxwigner.compiled.programs import compiled as compiled
from jaxwigner.compiled.programs import compiling_with as compiling_with
from jaxwigner.compiled.programs import jitted as jitted
from jaxwigner.compiled.programs import numbers_as_arrays as numbers_as_arrays
from jaxwigner.compiled.programs import once as once
from jaxwigner.compiled.programs import structure_key as structure_key
from jaxwigner.compiled.programs import with_known_functions as with_known_functions
