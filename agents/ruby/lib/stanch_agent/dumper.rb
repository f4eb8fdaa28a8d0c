# frozen_string_literal: true

require 'json'
require 'securerandom'

require_relative 'dump_child'
require_relative 'preflight'
require_relative 'process_facts'
require_relative 'raw_fork'
require_relative 'role'
require_relative 'stall_clock'

module StanchAgent
  # The parent's part of one dump: fork, measure, watch, reap. Runs in a thread of its own.
  class Dumper
    BASELINE_SECONDS = 0.1

    # request: path, gz, values, names, by
    def initialize(settings, request, role:, traced: false)
      @settings = settings
      @request = request
      @role = role
      @traced = traced
      @path = request.fetch(:path)
      @gz = request.fetch(:gz, settings.gz)
      @values = request.fetch(:values, settings.values)
    end

    # What happened, as a Hash: state done|refused|failed, reason, path, bytes, names, cost.
    def run
      preflight = Preflight.check(@settings, role: @role, folder: File.dirname(@path), gz: @gz)
      return { state: 'refused', reason: preflight.reason } if preflight.reason
      return { state: 'refused', reason: "#{@path} is there already" } if File.exist?(@path) || File.symlink?(@path)

      perform(plan(preflight))
    rescue SystemCallError, NotImplementedError => error
      { state: 'failed', reason: "#{error.class}: #{error.message}" }
    end

    # X.json and X.json.gz both get X.names.jsonl.
    def self.names_path(path)
      "#{path.sub(/\.gz\z/, '').sub(/\.json\z/, '')}.names.jsonl"
    end

    private

    def plan(preflight)
      mark = "#{File.dirname(@path)}/.#{File.basename(@path)}.#{Process.pid}.#{SecureRandom.hex(4)}"
      {
        path: @path, part: "#{mark}.part",
        names_path: @request.fetch(:names, true) ? self.class.names_path(@path) : nil, names_part: "#{mark}.names.part",
        gz: @gz, values: @values, names_seconds: @settings.names_seconds, seconds: @settings.dump_seconds,
        file_bytes: preflight.file_bytes, head: head(preflight.rss),
        threads: Thread.list.reject { |thread| thread == Thread.current }.map { |thread| [thread, thread.status.to_s] }
      }
    end

    def head(rss)
      {
        pid: Process.pid, ruby: RUBY_VERSION, agent: VERSION, at: Time.now.utc.strftime('%Y-%m-%dT%H:%M:%S.%LZ'),
        dump: File.basename(@path), role: @role, rss: rss, gc: GC.stat,
        valuesLeftOut: !@values, traced: @traced, threads: Thread.list.length,
      }
    end

    def perform(plan)
      up = IO.pipe
      down = IO.pipe
      clock = StallClock.new
      sleep(BASELINE_SECONDS)
      pid, fork_ms = fork_child(plan, up, down, clock)
      up[1].close
      down[0].close
      reaper = Process.detach(pid)
      follow(plan, pid, reaper, up[0], down[1], clock, fork_ms)
    ensure
      clock&.stop
      [*up, *down].each { |io| io.close unless io.closed? }
      [plan[:part], plan[:names_part]].each { |path| File.unlink(path) if File.exist?(path) }
    end

    # A collection that is under way is finished first, here: in the child it would run without the
    # stacks of the other threads, sweep what they hold, and copy pages.
    def fork_child(plan, up, down, clock)
      from = now
      clock.forked
      gc_was_disabled = GC.disable
      plan[:head][:gcDisabled] = gc_was_disabled
      pid = RawFork.child(title: "stanch: heap dump of #{Process.pid}", cpu_seconds: plan[:seconds].ceil + 1,
                          file_bytes: plan[:file_bytes]) do
        up[0].close
        down[1].close
        up[1].sync = true
        DumpChild.new(plan, up: up[1], down: down[0]).run
      end
      [pid, ((now - from) * 1000).round(1)]
    ensure
      GC.enable unless gc_was_disabled
    end

    def follow(plan, pid, reaper, from_child, to_child, clock, fork_ms)
      deadline = now + plan[:seconds]
      cost = { forkMs: fork_ms }
      while (message = next_message(from_child, deadline))
        case message['state']
        when 'written'
          cost.merge!(clock.stop)
          answer(to_child, cost)
        when 'done'
          reaper.join([deadline - now, 0].max)
          return done(plan, message)
        else
          return { state: 'failed', reason: message['reason'], cost: cost }
        end
      end
      { state: 'failed', reason: ended(pid, reaper, plan), cost: cost }
    ensure
      finish_off(pid, reaper)
    end

    def done(plan, message)
      names = message['names']
      result = { state: 'done', path: plan[:path], bytes: message['bytes'], cost: message['cost'],
                 rss: plan[:head][:rss], names: names ? plan[:names_path] : nil }
      return result unless names

      result.merge(edges: names['edges'], cost: message['cost'].merge(names.slice('namesMs', 'namesPrivateDirtyBytes')),
                   rssAfterTrim: names['facts']['rssAfterTrim'])
    end

    def next_message(io, deadline)
      left = deadline - now
      return nil unless left.positive? && IO.select([io], nil, nil, left)

      line = io.gets
      line && JSON.parse(line)
    rescue JSON::ParserError, IOError
      nil
    end

    def answer(io, cost)
      io.write("#{JSON.generate(cost)}\n")
    rescue SystemCallError
      nil # the child ended; the next message, or none, says how
    end

    def ended(_pid, reaper, plan)
      return "the child took longer than #{plan[:seconds]} s and was ended" unless reaper.join(0.5)

      "the child ended without a result: #{reaper.value&.inspect || 'reaped by somebody else'}"
    end

    # The child and its own children are one process group; only while the child is not reaped is its
    # number surely still its own.
    def finish_off(pid, reaper)
      return unless reaper.alive?
      return if reaper.join(1)

      begin
        Process.kill(:KILL, -pid)
      rescue SystemCallError
        begin
          Process.kill(:KILL, pid)
        rescue SystemCallError
          nil
        end
      end
      reaper.join(5)
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
