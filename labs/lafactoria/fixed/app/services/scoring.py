"""How hard a text is to read; computed on worker threads."""
import threading
from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(max_workers=4, thread_name_prefix="scoring")
_local = threading.local()


def score(text):
    _local.samples = samples = [float(len(word)) for word in text.split()]
    return sum(samples) / max(1, len(samples))
