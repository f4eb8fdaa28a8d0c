# frozen_string_literal: true

module StanchAgent
  # Tells the agent that it is in a new process (a worker forked from a preloading master).
  module ForkHook
    # Ruby 3.1 and later: every way to fork ends here.
    module Low
      def _fork
        pid = super
        StanchAgent.after_fork if pid.zero?
        pid
      end
    end

    # Ruby 2.7 and 3.0.
    module High
      def fork(&block)
        return super { StanchAgent.after_fork; block.call } if block

        pid = super()
        StanchAgent.after_fork unless pid
        pid
      end
    end

    module HighPrivate
      include High
      private :fork
    end

    def self.install
      return if @installed

      @installed = true
      if Process.respond_to?(:_fork)
        Process.singleton_class.prepend(Low)
      elsif Process.respond_to?(:fork)
        Object.prepend(HighPrivate)
        [Kernel, Process].each { |mod| mod.singleton_class.prepend(High) }
      end
    end
  end
end
