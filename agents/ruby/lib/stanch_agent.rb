# frozen_string_literal: true

# All that is used later is loaded here: nothing is required in a trap handler or in a child.
require_relative 'stanch_agent/version'
require_relative 'stanch_agent/agent'
require_relative 'stanch_agent/middleware'

# Heap dumps of a running Ruby service that name their owners. See docs/agents/ruby.md of Stanch.
#
#   require 'stanch_agent'
#   StanchAgent.start
module StanchAgent
  @agent = nil

  class << self
    attr_reader :agent

    # Idempotent, and good for every process forked from this one. Never raises for a bad environment: a
    # service must come up without its agent rather than not at all.
    def start(**options)
      return @agent if @agent

      ForkHook.install
      @agent = Agent.new(Settings.new(**options)).arm
      at_exit { @agent&.folder&.forget_status }
      @agent
    rescue ArgumentError
      raise
    rescue StandardError => error
      warn("[HEAP_DUMP] state=not-armed reason=#{error.message.inspect}")
      nil
    end

    def stop
      @agent&.stop
      @agent = nil
    end

    # Writes a dump from a forked child. Returns a Ticket at once; its `wait` gives the result.
    def dump(path = nil, **options)
      (@agent || start).dump(path, **options)
    end

    # For a process that was not prepared: one dump, written before this returns. Nothing is armed, hooked or kept.
    def dump_once(path)
      settings = Settings.new(env: {})
      Dumper.new(settings, { path: File.expand_path(path), values: true }, role: Role.current).run
    end

    # Traces allocations for `seconds`, then stops by itself; with dump: true a dump is taken at the end.
    def trace(seconds, dump: false)
      (@agent || start).trace(seconds, dump: dump)
    end

    def status
      @agent&.status
    end

    def after_fork
      @agent&.after_fork
    rescue StandardError
      nil # the child is the application's, whatever becomes of the agent in it
    end
  end
end
