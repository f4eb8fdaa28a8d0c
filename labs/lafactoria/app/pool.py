"""A pool of connections to the database, with the words of SQLAlchemy's."""
import os
import sqlite3

from app.core.settings import DATA_DIR

DATABASE = os.path.join(DATA_DIR, "lafactoria.db")


class Pool:
    def __init__(self, size):
        self._size = size
        self._idle = []
        self._checked_out = set()

    def size(self):
        return self._size

    def checkedout(self):
        return len(self._checked_out)

    def connect(self):
        connection = self._idle.pop() if self._idle else sqlite3.connect(DATABASE)
        self._checked_out.add(connection)
        return connection

    def release(self, connection):
        self._checked_out.discard(connection)
        if len(self._idle) < self._size:
            self._idle.append(connection)
        else:
            connection.close()


class Engine:
    def __init__(self, size):
        self.pool = Pool(size)

    def connect(self):
        return self.pool.connect()


engine = Engine(5)


def create_schema():
    connection = engine.connect()
    connection.execute("CREATE TABLE IF NOT EXISTS history (user TEXT, topic TEXT, body TEXT)")
    connection.executemany(
        "INSERT INTO history VALUES (?, ?, ?)",
        [("teacher-%d" % number, "topic %d" % number, "text " * 200) for number in range(200)],
    )
    connection.commit()
    engine.pool.release(connection)
