"""The shared cache of rendered fragments. It evicts: full, but healthy."""
import sys
from collections import OrderedDict

from app.core.settings import CACHE_MAX_SIZE


class Cache:
    def __init__(self, max_size):
        self.max_size = max_size
        self._cache = OrderedDict()

    def get(self, key):
        if key not in self._cache:
            return None
        self._cache.move_to_end(key)
        return self._cache[key]

    def set(self, key, value):
        self._cache[key] = value
        self._cache.move_to_end(key)
        while len(self._cache) > self.max_size:
            self._cache.popitem(last=False)

    def memory_usage(self):
        """Megabytes, of the values only."""
        return sum(sys.getsizeof(value) for value in self._cache.values()) / 2**20

    def __len__(self):
        return len(self._cache)


cache = Cache(CACHE_MAX_SIZE)
