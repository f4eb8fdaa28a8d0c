"""How hard a text is to read; computed on worker threads."""
import threading
from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(max_workers=4, thread_name_prefix="scoring")
_local = threading.local()


def score(text):
    if not hasattr(_local, "samples"):
        _local.samples = []
    samples = _local.samples
    samples.append([float(len(word)) for word in text.split()])
    return sum(samples[-1]) / max(1, len(samples[-1]))
