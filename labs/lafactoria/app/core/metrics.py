"""Prometheus text, by the names of prometheus_client where it has them."""
import gc
import os
import sys
import threading
import time
from collections import Counter

OPERATIONS = Counter()
STARTED_AT = time.time()


def resident_bytes():
    """None where there is no /proc."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def open_descriptors():
    try:
        return len(os.listdir("/proc/self/fd")) - 1
    except OSError:
        return None


def exposition():
    lines = []

    def family(name, kind, samples):
        known = [(labels, value) for labels, value in samples if value is not None]
        if known:
            lines.append("# TYPE %s %s" % (name, kind))
            lines.extend("%s%s %s" % (name, labels, value) for labels, value in known)

    family("process_resident_memory_bytes", "gauge", [("", resident_bytes())])
    family("process_open_fds", "gauge", [("", open_descriptors())])
    family("process_start_time_seconds", "gauge", [("", STARTED_AT)])
    family("process_cpu_seconds_total", "counter", [("", time.process_time())])
    family("process_threads", "gauge", [("", threading.active_count())])
    for name, key in (("objects_collected", "collected"), ("objects_uncollectable", "uncollectable"), ("collections", "collections")):
        samples = [('{generation="%d"}' % number, stats[key]) for number, stats in enumerate(gc.get_stats())]
        family("python_gc_%s_total" % name, "counter", samples)
    family("python_info", "gauge", [('{version="%d.%d.%d"}' % sys.version_info[:3], 1)])
    family("lafactoria_operations_total", "counter", [('{operation="%s"}' % name, count) for name, count in sorted(OPERATIONS.items())])
    return "\n".join(lines) + "\n"
