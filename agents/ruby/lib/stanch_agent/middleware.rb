# frozen_string_literal: true

require 'digest'
require 'json'

module StanchAgent
  # Rack middleware. GET /__stanch/status and POST /__stanch/dump, both with the token in the header
  # X-Stanch-Token or as a bearer. Without a configured token every request goes to the application.
  # GET and DELETE /__stanch/file?name=... hand a dump out and remove it, only where STANCH_DOWNLOAD (download: true) says so.
  #
  # POST /__stanch/collect has it collect its garbage (trim=1: and give free memory back to the system; measure=1: and weigh what is alive).
  #
  # They are answered by the worker that happens to get the request; ?pid=N means another one of the same folder.
  class Middleware
    PREFIX = '/__stanch/'

    def initialize(app = nil)
      @app = app
    end

    def call(env)
      path = env['PATH_INFO'].to_s
      agent = path.start_with?(PREFIX) ? StanchAgent.agent : nil
      token = agent&.settings&.endpoint_token
      return pass(env) unless token
      return answer(401, error: 'token missing or wrong') unless allowed?(env, token)

      route(agent, env['REQUEST_METHOD'], path.delete_prefix(PREFIX), query(env))
    end

    private

    def pass(env)
      @app ? @app.call(env) : answer(404, error: 'not found')
    end

    def route(agent, method, name, query)
      pid = query['pid'] && Integer(query['pid'], 10, exception: false)
      return answer(400, error: 'pid is no number') if query['pid'] && pid.nil?

      own = pid.nil? || pid == Process.pid
      case [method, name]
      when %w[GET status] then own ? answer(200, agent.status) : other_status(agent, pid)
      when %w[POST dump] then own ? dump(agent, query) : ask_other(agent, pid, query)
      when %w[POST collect] then own ? collect(agent, query) : ask_other(agent, pid, query, 'act' => 'collect')
      when %w[GET file], %w[DELETE file] then file(agent, method, query['name'].to_s)
      else answer(%w[status dump collect file].include?(name) ? 405 : 404, error: "no #{method} #{name} here")
      end
    end

    # Hashes of equal length are compared in full: the time tells nothing of the token.
    def allowed?(env, token)
      given = env['HTTP_X_STANCH_TOKEN'] || env['HTTP_AUTHORIZATION'].to_s[/\ABearer (.+)\z/, 1]
      return false unless given

      pairs = Digest::SHA256.digest(given).bytes.zip(Digest::SHA256.digest(token).bytes)
      pairs.inject(0) { |difference, (left, right)| difference | (left ^ right) }.zero?
    end

    def query(env)
      env['QUERY_STRING'].to_s.split('&').to_h { |pair| pair.split('=', 2).push('', '').first(2) }
    end

    def options(query)
      { gz: flag(query['gz']), values: flag(query['values']), id: query['id'].to_s[/\A[\w-]{1,64}\z/] }.compact
    end

    def flag(text)
      { '1' => true, 'true' => true, '0' => false, 'false' => false }[text]
    end

    # The request does not wait: the dump takes seconds, the status tells its end.
    def dump(agent, query)
      ticket = agent.dump(by: 'http', **options(query))
      refused = ticket.wait(0) || {}
      return answer(429, state: 'refused', pid: Process.pid, reason: refused[:reason]) if refused[:state] == 'refused'

      answer(202, state: 'started', pid: Process.pid, statusFile: agent.folder.status_path)
    end

    # Whoever has the token may have dumps made; that they leave the machine is another matter, and said by itself.
    def file(agent, method, name)
      return answer(403, error: 'dumps are not handed out: STANCH_DOWNLOAD is off') unless agent.settings.download
      return answer(agent.folder.remove_dump(name) ? 200 : 404, name: name) if method == 'DELETE'

      file = agent.folder.open_dump(name)
      return answer(404, error: 'no such dump') unless file

      # With a time of last change Rack::ETag lets it pass; without, it would collect the whole dump in memory.
      headers = { 'content-type' => 'application/octet-stream', 'cache-control' => 'no-store',
                  'content-length' => file.size.to_s, 'last-modified' => file.mtime.getutc.strftime('%a, %d %b %Y %H:%M:%S GMT') }
      [200, headers, Stream.new(file)]
    end

    # A file in pieces. No `to_path`: a front end cannot read the agent's folder.
    class Stream
      PIECE_BYTES = 65_536

      def initialize(file)
        @file = file
      end

      def each
        @file.binmode
        while (piece = @file.read(PIECE_BYTES))
          yield piece
        end
      end

      def close
        @file.close
      end
    end
    private_constant :Stream

    # Waited for: the worker stands still for it anyway.
    def collect(agent, query)
      result = agent.collect(by: 'http', **wishes(query))
      answer(result[:state] == 'done' ? 200 : 429, result)
    end

    def wishes(query)
      { trim: flag(query['trim']), measure: flag(query['measure']), id: query['id'].to_s[/\A[\w-]{1,64}\z/] }.compact
    end

    def other_status(agent, pid)
      status = agent.folder.status_of(pid)
      status ? answer(200, status) : no_agent(pid)
    end

    def ask_other(agent, pid, query, act = nil)
      status = agent.folder.status_of(pid)
      return no_agent(pid) unless status && status['signal']

      agent.folder.write_request(pid, act ? wishes(query).merge(act) : options(query))
      Process.kill(status['signal'], pid)
      answer(202, state: 'asked', pid: pid, statusFile: agent.folder.status_path(pid), handled: status['handled'])
    rescue SystemCallError => error
      answer(409, error: error.message)
    end

    def no_agent(pid)
      answer(404, error: "no process #{pid} with the agent uses this folder")
    end

    def answer(code, data)
      body = "#{JSON.generate(data)}\n"
      [code, { 'content-type' => 'application/json', 'cache-control' => 'no-store', 'content-length' => body.bytesize.to_s }, [body]]
    end
  end
end
