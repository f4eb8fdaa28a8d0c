"""Settings from the environment, by the names that the runbook uses."""
import os
import tempfile

CACHE_MAX_SIZE = int(os.environ.get("CACHE_MAX_SIZE", "200"))
DATA_DIR = os.environ.get("LAFACTORIA_DATA_DIR") or tempfile.gettempdir()
