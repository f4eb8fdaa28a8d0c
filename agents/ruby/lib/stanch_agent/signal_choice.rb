# frozen_string_literal: true

require_relative 'process_facts'

module StanchAgent
  # A signal that nothing else uses, and that does no harm where it is not handled.
  class SignalChoice
    # Ignored by default, so one that reaches a process without the agent kills nothing. WINCH comes from
    # every resized terminal, so not for a process that has one.
    HARMLESS = %w[URG WINCH CONT].freeze
    USED = {
      'Puma' => %w[TERM INT QUIT HUP USR1 USR2 TTIN TTOU CHLD INFO PWR],
      'Sidekiq' => %w[TERM INT TSTP TTIN USR1 USR2 INFO],
      'Unicorn' => %w[QUIT TERM INT USR1 USR2 TTIN TTOU WINCH HUP CHLD],
      'Pitchfork' => %w[QUIT TERM INT USR1 USR2 TTIN TTOU WINCH CHLD],
      'Resque' => %w[TERM INT QUIT USR1 USR2 CONT HUP CHLD],
      'PhusionPassenger' => %w[ABRT QUIT USR1 TERM],
      'RBTrace' => %w[URG],
      'Object' => %w[TERM INT QUIT HUP CHLD ALRM PROF VTALRM PIPE TSTP TTIN TTOU KILL STOP SEGV BUS ILL FPE ABRT],
    }.freeze
    UNHANDLED = ['DEFAULT', 'SYSTEM_DEFAULT', 'SIG_DFL', ''].freeze

    attr_reader :signal, :why_not

    def initialize(wanted, handler)
      @wanted = wanted
      @handler = handler
      @signal = nil
      @why_not = {}
    end

    # Sets the handler on the first signal that is free; again after a fork, since a server may have taken
    # the signal for itself in between. Returns its name or nil.
    def arm
      before = @signal
      @signal = [before, @wanted, *HARMLESS].compact.uniq.find { |name| take(name, ours: name == before) }
    end

    def disarm
      Signal.trap(@signal, 'DEFAULT') if @signal
      @signal = nil
    end

    private

    def take(name, ours:)
      reason = reason_against(name, ours)
      return note(name, reason) if reason

      old = Signal.trap(name, @handler)
      return true if old.equal?(@handler) || UNHANDLED.include?(old.to_s)

      Signal.trap(name, old)
      note(name, 'has a handler')
    rescue ArgumentError => error
      note(name, error.message)
    end

    def reason_against(name, ours)
      number = Signal.list[name] or return 'is no signal here'
      user = USED.find { |server, names| names.include?(name) && Object.const_defined?(server) }
      return "is used by #{user[0] == 'Object' ? 'the system or Ruby' : user[0]}" if user
      return 'comes from the terminal' if name == 'WINCH' && ProcessFacts.controlling_terminal?
      return nil if ours

      bit = 1 << (number - 1)
      return 'has a handler' unless (ProcessFacts.signal_mask('SigCgt') & bit).zero?

      'is ignored' unless (ProcessFacts.signal_mask('SigIgn') & bit).zero?
    end

    def note(name, reason)
      @why_not[name] = reason
      false
    end
  end
end
