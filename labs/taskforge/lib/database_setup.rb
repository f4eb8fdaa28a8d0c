# Fills the database of a new run. SQLite takes one writer at a time; with a write-ahead log readers need not wait for it.
module DatabaseSetup
  ROOT = Rails.root.join('db')

  def self.prepare
    connection = ActiveRecord::Base.connection
    return if connection.table_exists?(:users)

    connection.execute('PRAGMA journal_mode = WAL')
    ActiveRecord::Migration.suppress_messages { load ROOT.join('schema.rb') }
    connection.transaction { connection.raw_connection.execute_batch(ROOT.join('seeds.sql').read) }
  end
end
