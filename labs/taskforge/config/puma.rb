require_relative 'data_folder'

DataFolder.prepare

app_folder = File.expand_path('..', __dir__)
directory app_folder
rackup File.join(app_folder, 'config.ru')
tag 'taskforge'
environment ENV.fetch('RAILS_ENV', 'production')

bind "tcp://#{ENV.fetch('HOST', '127.0.0.1')}:#{ENV.fetch('PORT', 0)}"
worker_count = Integer(ENV.fetch('WEB_CONCURRENCY', 2))
raise ArgumentError, 'WEB_CONCURRENCY must be at least 1' if worker_count < 1

workers worker_count
max_threads = Integer(ENV.fetch('RAILS_MAX_THREADS', 3))
threads max_threads, max_threads
preload_app!

# The diagnosing agent is a guest: the service starts without it when it cannot be loaded.
agent = ENV['STANCH_AGENT'].to_s
begin
  require File.expand_path(agent) unless agent.empty?
rescue LoadError, StandardError => e
  warn "The Stanch agent was not loaded: #{e.message}"
end

before_fork { ActiveRecord::Base.connection_pool.disconnect! }

on_worker_boot do |index|
  ActiveRecord::Base.establish_connection
  WorkerMetricsSocket.listen(index)
  CacheReporter.start
  begin
    StanchAgent.start if defined?(StanchAgent)
  rescue StandardError => e
    warn "The Stanch agent did not start: #{e.message}"
  end
end

on_worker_shutdown { CacheReporter.report }
