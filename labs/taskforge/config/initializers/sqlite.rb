# SQLite's own waiting for the writer keeps Ruby's global lock, so that a thread of this worker could not finish the
# transaction that is waited for. This waiting lets go of it. With a write-ahead log, synchronous = NORMAL waits for the
# disk at checkpoints instead of at every commit.
module PatientConnection
  WAIT_SECONDS = 0.002
  MAX_WAITS = 5_000

  private

  def configure_connection
    super
    (@raw_connection || @connection).busy_handler do |waits|
      sleep WAIT_SECONDS
      waits < MAX_WAITS
    end
    execute('PRAGMA synchronous = NORMAL', 'SCHEMA')
  end
end

ActiveSupport.on_load(:active_record_sqlite3adapter) { prepend PatientConnection }
