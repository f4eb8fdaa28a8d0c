"""What users did before."""
from app.pool import create_schema, engine

__all__ = ["create_schema", "engine", "history"]


def history(user):
    connection = engine.connect()
    try:
        rows = connection.execute("SELECT topic, body FROM history WHERE user = ? ORDER BY topic", (user,)).fetchall()
        return [topic for topic, _ in rows]
    finally:
        engine.pool.release(connection)
