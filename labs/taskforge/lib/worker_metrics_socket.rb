require 'json'
require 'socket'

# A scrape reaches one worker, whichever takes the connection. That one asks the others through their sockets, so that
# every scrape shows all of them as they are now.
module WorkerMetricsSocket
  FOLDER = File.join(ENV.fetch('TASKFORGE_DATA_DIR'), 'metrics')

  def self.listen(index)
    @index = index
    FileUtils.mkdir_p(FOLDER)
    server = UNIXServer.new(File.join(FOLDER, "#{Process.pid}.sock"))
    Thread.new do
      loop do
        client = server.accept
        client.write(JSON.generate(own))
      rescue SystemCallError
        nil # the asker has gone
      ensure
        client&.close
      end
    end
  end

  # @return [Array<Hash>] of every worker that is alive, in the order of their numbers
  def self.read_all
    others = Dir.children(FOLDER).reject { |name| name == "#{Process.pid}.sock" }.map { |name| ask(name) }
    [own, *others.compact].sort_by { |worker| worker['worker'] }
  end

  def self.own
    { 'worker' => @index, 'pid' => Process.pid, 'sample' => WorkerMetrics.sample }
  end

  def self.ask(name)
    path = File.join(FOLDER, name)
    UNIXSocket.open(path) { |socket| JSON.parse(socket.read) }
  rescue Errno::ECONNREFUSED
    FileUtils.rm_f(path) # that worker has ended
    nil
  rescue SystemCallError, JSON::ParserError
    nil
  end

  private_class_method :own, :ask
end
