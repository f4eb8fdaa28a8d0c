# frozen_string_literal: true

module StanchAgent
  # The longest time that a thread of this process had to wait beyond what it asked for, before the
  # fork and from the fork on. Under load the interpreter's own time slices (100 ms) show up in both.
  class StallClock
    STEP_SECONDS = 0.005
    LATER_SECONDS = 0.05
    CLOSE_WATCH_SECONDS = 2

    def initialize
      @before = @during = 0.0
      @forked_at = nil
      @stopped = false
      @thread = Thread.new { watch }
      @thread.name = 'stanch stall clock'
    end

    def forked
      @forked_at = now
    end

    # Milliseconds: {longestStallMs:, longestStallBeforeMs:}
    def stop
      @stopped = true
      @thread.join(1)
      { longestStallMs: (@during * 1000).round(1), longestStallBeforeMs: (@before * 1000).round(1) }
    end

    private

    def watch
      until @stopped
        step = @forked_at && now - @forked_at > CLOSE_WATCH_SECONDS ? LATER_SECONDS : STEP_SECONDS
        from = now
        sleep(step)
        late = now - from - step
        if @forked_at
          @during = late if late > @during
        elsif late > @before
          @before = late
        end
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
