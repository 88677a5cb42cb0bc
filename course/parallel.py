"""Notebooks two at a time: the longest first, one thread each, never two that need much memory.

More threads than cores fight: two lessons that trained beside each other with default threads took
seven times as long as with one thread each (benchmarks/ci.md).
"""

import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

THREADS = 1
ONE_THREAD = dict.fromkeys(
    ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'), str(THREADS)
)
MUCH = 3000  # MB: two jobs that need more than this do not run at the same time


def workers():
    "How many jobs run at a time here."
    return min(2, os.cpu_count() or 1)


def side_by_side(jobs, act, seconds, memory_mb):
    """Call `act(job)` for each job, two at a time, and yield (job, result) as they end; `seconds`
    and `memory_mb` say what a job is expected to need. An error of `act` ends it all."""
    waiting, running = sorted(jobs, key=seconds, reverse=True), {}
    large = lambda job: memory_mb(job) > MUCH
    with ThreadPoolExecutor(workers()) as pool:
        while waiting or running:
            for job in list(waiting):
                beside = large(job) and any(large(other) for other in running.values())
                if len(running) < workers() and not beside:
                    waiting.remove(job)
                    running[pool.submit(act, job)] = job
            for ended in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(ended), ended.result()
