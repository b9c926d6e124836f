"""Where a sweep keeps its results: in memory, or in a zarr store that survives being killed and tells the truth."""

from jaxwigner.studies.sweep.store.arrays import DONE as DONE
from jaxwigner.studies.sweep.store.arrays import FAILED as FAILED
from jaxwigner.studies.sweep.store.arrays import HAS_NAN as HAS_NAN
from jaxwigner.studies.sweep.store.arrays import PENDING as PENDING
from jaxwigner.studies.sweep.store.arrays import Results as Results
from jaxwigner.studies.sweep.store.arrays import create as create
from jaxwigner.studies.sweep.store.arrays import dataset as dataset
from jaxwigner.studies.sweep.store.arrays import in_memory as in_memory
from jaxwigner.studies.sweep.store.arrays import read as read
from jaxwigner.studies.sweep.store.arrays import read_manifest as read_manifest
from jaxwigner.studies.sweep.store.arrays import reopen as reopen
from jaxwigner.studies.sweep.store.manifest import FORMAT as FORMAT
from jaxwigner.studies.sweep.store.manifest import Manifest as Manifest
from jaxwigner.studies.sweep.store.manifest import check_same as check_same
