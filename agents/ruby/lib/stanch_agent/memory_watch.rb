# frozen_string_literal: true

require_relative 'process_facts'

module StanchAgent
  # Says [HIGH_MEMORY] when RSS passes the threshold, and again at every further tenth.
  class MemoryWatch
    STEP = 1.1

    # Calls the block (once in a process's life) when the threshold is first passed.
    def initialize(settings, log, role:, &passed)
      @settings = settings
      @log = log
      @role = role
      @passed = passed
      @next_bytes = threshold
    end

    def start
      @thread = Thread.new do
        loop do
          look
          sleep(@settings.watch_seconds)
        end
      end
      @thread.name = 'stanch memory watch'
      @thread.thread_variable_set(:fork_safe, true)
      self
    end

    def stop
      @thread&.kill
    end

    def look(rss = ProcessFacts.rss)
      return if rss.nil? || rss < @next_bytes

      @next_bytes = rss * STEP
      @log.warn('HIGH_MEMORY', pid: Process.pid, role: @role, rss_mb: mb(rss), threshold_mb: mb(threshold),
                               gc_count: GC.count, live_slots: GC.stat(:heap_live_slots))
      @passed&.call
      @passed = nil
    end

    private

    def threshold
      @settings.high_memory_mb * 1_048_576
    end

    def mb(bytes)
      (bytes / 1_048_576.0).round
    end
  end
end
