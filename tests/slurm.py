"""What Slurm's `srun` tells the tasks of a step, as far as JAX asks for it."""

import socket

LOWEST = 65535 - 2**12 + 1  # JAX makes a port above it of the number of the job


def task(number, tasks, port):
    """The environment of one task of a step on this machine whose first task listens at `port`."""
    return {
        "SLURM_JOB_ID": str(port - LOWEST),
        "SLURM_STEP_NODELIST": "localhost",
        "SLURM_STEP_NUM_TASKS": str(tasks),
        "SLURM_NTASKS": str(tasks),
        "SLURM_PROCID": str(number),
        "SLURM_LOCALID": str(number),
    }


def free_port():
    """A port at which nobody listens, among those that JAX takes under Slurm."""
    for port in range(65535, LOWEST, -7):
        with socket.socket() as free:
            if free.connect_ex(("localhost", port)):
                return port
    raise OSError("no port is free")
