# frozen_string_literal: true

require_relative 'collection'
require_relative 'dumper'
require_relative 'folder'
require_relative 'fork_hook'
require_relative 'log'
require_relative 'memory_watch'
require_relative 'role'
require_relative 'settings'
require_relative 'signal_choice'
require_relative 'trace_window'

module StanchAgent
  # The agent of one process: listens for its signal, runs one dump at a time, tells by its status file.
  class Agent
    # A child that lives shorter than this (a job, a shell command) needs no listener and no file; and by
    # then a worker has got its name.
    SETTLE_SECONDS = 1
    # An agent that does not offer what a request wants would take a dump instead: who asks looks here first.
    OFFERS = %w[dump collect].freeze

    attr_reader :settings, :folder, :log, :last

    def initialize(settings)
      @settings = settings
      @log = Log.new(settings.logger)
      @folder = Folder.new(settings.folder)
      @trace = TraceWindow.new(@log)
      @choice = SignalChoice.new(settings.signal, method(:signalled).to_proc)
      reset
    end

    # Takes the signal at once; in a forked child the rest follows when it has settled.
    def arm(settled: true)
      @pid = Process.pid
      @choice.arm
      @listener = Thread.new do
        sleep(SETTLE_SECONDS) unless settled
        settle
        listen
      end
      @listener.name = 'stanch agent'
      # Puma warns of threads that a preloading master starts, unless they say that they are ready for it.
      @listener.thread_variable_set(:fork_safe, true)
      self
    end

    # Threads did not survive the fork; locks and queues may be in any state.
    def after_fork
      @trace.abandon
      reset
      arm(settled: false)
    end

    def stop
      @choice.disarm
      @watch&.stop
      @listener&.kill
      @trace.stop
      @folder.forget_status
    end

    def signal
      @choice.signal
    end

    # Starts a dump in a thread of its own. Returns a Ticket at once.
    def dump(path = nil, by: 'call', **options)
      refusal = @gate.synchronize { enter }
      return finished(refusal, by, options) if refusal

      thread = Thread.new { work(path, by, options) }
      thread.name = 'stanch dump'
      thread.report_on_exception = false
      Ticket.new(thread)
    end

    # Has this process collect its garbage, and says what that gave back. Returns when it is done.
    def collect(by: 'call', id: nil, trim: false, measure: false)
      refusal = Preflight.wrong_process(role) || (@running ? 'a dump of this process is being written' : nil)
      result = refusal ? { state: 'refused', reason: refusal } : @collection.run(trim: trim, measure: measure)
      @last_collection = result.merge(by: by, id: id, at: Time.now.utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ')).compact
      @log.info('COLLECTION', state: result[:state], reason: result[:reason], took_ms: result[:tookMs])
      tell
      @last_collection
    rescue StandardError => error
      tell
      @last_collection = { state: 'failed', reason: "#{error.class}: #{error.message}", by: by, id: id }.compact
    end

    # Turns on allocation tracing for a while; a dump taken within it has file and line of allocation.
    def trace(seconds, dump: false)
      @trace.open(seconds) { dump ? self.dump(by: 'trace').wait : nil }
    end

    # All of it cheap enough for a request.
    def status
      rss = ProcessFacts.rss
      {
        schema: 'stanch/ruby-agent@1', pid: Process.pid, ppid: Process.ppid, startTicks: ProcessFacts.start_ticks,
        role: role, ruby: RUBY_VERSION, agent: VERSION, signal: signal, signalsPassedOver: @choice.why_not,
        offers: OFFERS, lastCollection: @last_collection, folder: @folder.path, armedAt: @armed_at, handled: @handled, state: @state, last: @last, rss: rss,
        gc: GC.stat, tracing: @trace.open?, download: @settings.download ? true : false, coolDownLeft: cool_down_left.ceil, cost: cost_estimate(rss)
      }
    end

    # Looked up as the process settles and at every dump, not at every request: it may walk the heap.
    def role
      @role ||= Role.current
    end

    private

    def reset
      @queue = Queue.new
      @gate = Mutex.new
      @running = false
      @started_at = nil
      @handled = 0
      @state = 'armed'
      @last = @last_collection = @role = @armed_at = @watch = nil
      @collection = Collection.new(@settings.cool_down)
    end

    # In trap context: no lock may be taken, nothing loaded. A process that was forked past the hook has no
    # listener yet.
    def signalled(_number = nil)
      if Process.pid == @pid
        @queue << :dump
      else
        Thread.new { StanchAgent.after_fork; @queue << :dump }
      end
    end

    def settle
      @role = Role.current
      @choice.arm
      @armed_at = Time.now.utc.strftime('%Y-%m-%dT%H:%M:%SZ')
      @folder.sweep
      tell
      return unless @settings.watch && !Role.master?(@role)

      @watch = MemoryWatch.new(@settings, @log, role: @role) do
        dump(by: 'high-memory') if @settings.dump_when_high
      end.start
    rescue SystemCallError => error
      @log.warn('HEAP_DUMP', state: 'not-armed', reason: error.message)
    end

    def listen
      loop do
        @queue.pop
        @queue.clear # signals do not add up: several in a row are one wish
        request = @folder.take_request
        if request['act'] == 'collect'
          collect(by: 'signal', id: request['id'], trim: request['trim'] == true, measure: request['measure'] == true)
          next
        end
        dump(by: 'signal', **{ gz: request['gz'], values: request['values'], id: request['id'] }.compact)
      rescue StandardError => error
        @log.warn('HEAP_DUMP', state: 'failed', reason: error.message)
      end
    end

    # The reason for a refusal, or nil and the place is taken.
    def enter
      @role = Role.current
      wrong = Preflight.no_fork || Preflight.wrong_process(@role)
      return wrong if wrong
      return 'a dump of this process is being written' if @running

      left = cool_down_left
      return "the last dump began less than #{@settings.cool_down} s ago: #{left.ceil} s left" if left.positive?

      @running = true
      nil
    end

    def cool_down_left
      return 0 unless @started_at

      [@settings.cool_down - (now - @started_at), 0].max
    end

    def work(path, by, options)
      @state = 'dumping'
      tell
      result = locked(path, options)
      @gate.synchronize { @running = false }
      report(result, by, options)
    ensure
      @running = false
    end

    def locked(path, options)
      path ||= @folder.new_dump_path(gz: options.fetch(:gz, @settings.gz))
      # What the service's settings leave out, no request brings back.
      values = @settings.values && options.fetch(:values, true)
      @folder.lock { run(options.merge(path: File.expand_path(path), values: values)) } ||
        { state: 'refused', reason: 'another process is writing a dump into this folder' }
    rescue StandardError => error
      { state: 'failed', reason: "#{error.class}: #{error.message}" }
    end

    def run(request)
      began = now
      result = Dumper.new(@settings, request, role: role, traced: @trace.open?).run
      @started_at = began unless result[:state] == 'refused'
      if result[:state] == 'done'
        @folder.rotate(@settings.keep).each { |removed| @log.info('HEAP_DUMP', removed: removed) }
      end
      result
    end

    def finished(reason, by, options)
      result = report({ state: 'refused', reason: reason }, by, options)
      Ticket.new(nil, result)
    end

    def report(result, by, options)
      @last = result.merge(by: by, id: options[:id], at: Time.now.utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ')).compact
      @state = @running ? 'dumping' : result[:state]
      @handled += 1
      tell
      write_log(result)
      @last
    end

    def write_log(result)
      cost = (result[:cost] || {}).transform_keys(&:to_s)
      if result[:state] == 'done'
        @log.info('HEAP_DUMP', path: result[:path], bytes: result[:bytes], fork_ms: cost['forkMs'], child_ms: cost['childMs'],
                               longest_stall_ms: cost['longestStallMs'], private_dirty_bytes: cost['privateDirtyBytes'],
                               rss_bytes: result[:rss], names: result[:names] ? 'yes' : 'no', edges: result[:edges])
      else
        @log.warn('HEAP_DUMP', state: result[:state], pid: Process.pid, reason: result[:reason])
      end
    end

    def tell
      @folder.write_status(status)
    rescue SystemCallError => error
      @log.warn('HEAP_DUMP', state: 'no-status-file', reason: error.message)
    end

    # From rates that were measured: fork 0.05 ms a MB, 200 MB of dump a second at low priority.
    def cost_estimate(rss)
      return nil unless rss

      { forkMs: (rss / 1_048_576.0 * 0.05).ceil, dumpBytes: (rss * Preflight::DUMP_SHARE).round,
        childSeconds: (rss * Preflight::DUMP_SHARE / 200e6).ceil }
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end

  # A dump under way, or one that was refused.
  class Ticket
    def initialize(thread, result = nil)
      @thread = thread
      @result = result
    end

    # The result, or nil if it takes longer than `seconds`.
    def wait(seconds = nil)
      @result ||= @thread.join(seconds)&.value
    end

    def done?
      @thread.nil? || !@thread.alive?
    end
  end
end
