# frozen_string_literal: true

require 'objspace'

require_relative 'process_facts'

module StanchAgent
  # Allocation tracing for a bounded time. It is dear (up to eleven times the CPU for short-lived objects, and
  # every object of the window keeps its place), hence the announcement, the limit and the two ways out.
  class TraceWindow
    MOST_SECONDS = 600

    def initialize(log)
      @log = log
      @mutex = Mutex.new
      @open = false
    end

    def open?
      @open
    end

    # Returns a thread whose value is the block's; the block runs at the end, with tracing still on.
    def open(seconds, &at_end)
      raise ArgumentError, "between 1 and #{MOST_SECONDS} seconds" unless seconds.between?(1, MOST_SECONDS)

      @mutex.synchronize do
        raise 'tracing is on already' if @open

        rss = ProcessFacts.rss || 0
        free = ProcessFacts.free_memory
        raise "free memory is less than the process's own, which tracing may need" if free && free < rss

        @log.warn('HEAP_DUMP', trace: 'on', seconds: seconds, cost: 'CPU x3.5 to x11 while it lasts, memory up to x2.7')
        ObjectSpace.trace_object_allocations_start
        @open = true
      end
      @thread = Thread.new { close_after(seconds, at_end) }.tap { |thread| thread.name = 'stanch trace' }
    end

    def stop
      @mutex.synchronize { close }
      @thread&.kill unless @thread == Thread.current
    end

    # In a forked child: the thread that would have ended it is not here.
    def abandon
      @mutex = Mutex.new
      close
    end

    private

    def close_after(seconds, at_end)
      sleep(seconds)
      at_end&.call
    ensure
      @mutex.synchronize { close }
    end

    def close
      return unless @open

      @open = false
      ObjectSpace.trace_object_allocations_stop
      ObjectSpace.trace_object_allocations_clear
      @log.info('HEAP_DUMP', trace: 'off')
    end
  end
end
