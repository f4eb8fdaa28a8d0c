# frozen_string_literal: true

require 'objspace'
require_relative 'dump_child'
require_relative 'process_facts'

module StanchAgent
  # A full collection, made only when somebody asks for one, with what it gave back. All threads stand still for it.
  class Collection
    # Of its time a process may be made to collect no more than one part in so many.
    LEAST_WORK = 20

    # most_rest: seconds after which another may be asked for however long the last one took.
    def initialize(most_rest)
      @most_rest = most_rest
      @rest_until = nil
    end

    # measure: also the bytes of all that is alive, which means a walk over the heap after the collection.
    def run(trim: false, measure: false)
      left = @rest_until ? @rest_until - now : 0
      return refused(left) if left.positive?

      began = now
      before = figures
      GC.start
      live = measure ? ObjectSpace.memsize_of_all : nil
      trimmed = trim && !DumpChild::MALLOC_TRIM.nil?
      DumpChild::MALLOC_TRIM.call(0) if trimmed
      took = now - began
      @rest_until = now + [took * (LEAST_WORK - 1), @most_rest].min
      { state: 'done', tookMs: (took * 1000).round(1), trimmed: trimmed, before: before,
        after: figures.merge({ liveBytes: live }.compact) }
    end

    private

    def figures
      gc = GC.stat
      { rss: ProcessFacts.rss, liveObjects: gc[:heap_live_slots], freeSlots: gc[:heap_free_slots],
        oldObjects: gc[:old_objects], mallocIncreaseBytes: gc[:malloc_increase_bytes] }.compact
    end

    def refused(left)
      { state: 'refused', waitSeconds: left.round(2), reason: "collections may take a #{LEAST_WORK}th of the time: #{left.ceil} s left" }
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
