# frozen_string_literal: true

require 'objspace'

require_relative 'address'
require_relative 'names_file'

module StanchAgent
  # Collects the names that a heap dump lacks. Runs in a child of its own, whose memory is the same picture
  # as the dump's; nothing that it allocates gets into the dump. Only the interpreter's own methods are
  # called on the objects of the application (unbound), never theirs.
  class Names
    # Most objects of one class whose variables are named one by one; classes with more get a layout.
    INSTANCES_EACH = 64
    MOST_EDGES = 400_000
    # Globals that are frames' or the interpreter's own, or warn when read.
    GLOBALS_SKIPPED = %i[$~ $_ $! $@ $= $, $; $/ $\\ $-0 $-F $-W $-d $-i $-v $-w $-p $-l $-a $& $` $' $+ $KCODE
                         $-K $DEBUG $VERBOSE $SAFE].freeze

    IVAR_GET = Kernel.instance_method(:instance_variable_get)

    # threads: those of the parent, listed before the fork. seconds: the most that all of it may take.
    def initialize(file, threads:, seconds:)
      @file = file
      @threads = threads
      @until = now + seconds
      @skipped = Hash.new(0)
      @part_ms = {}
    end

    # Cheap and telling things first; the end line says where the time ran out.
    def collect
      silence
      part('threads') { threads }
      part('globals') { globals }
      part('modules') { NamesOfModules.new(@file, self).collect }
      part('instances') { NamesOfInstances.new(@file, self).collect }
      part('procs') { NamesOfProcs.new(@file, self).collect }
      { skipped: { autoload: 0, errors: 0 }.merge(@skipped), complete: @skipped[:budget].zero?, ms: @part_ms }
    end

    def skip(what, count = 1)
      @skipped[what] += count
    end

    # Whether there is time and room for more.
    def room?
      return true if now < @until && @file.edges < MOST_EDGES

      @skipped[:budget] += 1
      false
    end

    # An object that cannot be looked at is counted and passed over.
    def guard
      yield
    rescue StandardError, ScriptError, SystemStackError
      @skipped[:errors] += 1
      nil
    end

    def ivars(kind, object, address = nil)
      Kernel.instance_method(:instance_variables).bind_call(object).each do |name|
        guard do
          value = IVAR_GET.bind_call(object, name)
          @file.edge(kind, address ||= Address.of(object), name, value) if Address.heap?(value)
        end
      end
    end

    private

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    # Reading a deprecated constant would warn, into the application's log or into its own Warning.warn.
    def silence
      $VERBOSE = nil
      Warning[:deprecated] = false if Warning.respond_to?(:[]=)
    end

    def part(name)
      from = now
      guard { yield } if room?
      @part_ms[name] = ((now - from) * 1000).round(1)
    end

    # In the child these threads are dead, but their objects and locals are as they were.
    def threads
      @threads.each do |thread, status|
        guard do
          at = Address.of(thread)
          @file.thread(at, thread.name || (thread == Thread.main ? 'main' : ''), status)
          ivars('ivar', thread, at)
          thread.keys.each { |key| local('fiberlocal', at, key, thread[key]) }
          thread.thread_variables.each { |key| local('threadlocal', at, key, thread.thread_variable_get(key)) }
        end
      end
    end

    def local(kind, at, key, value)
      @file.edge(kind, at, key, value) if Address.heap?(value)
    end

    def globals
      (global_variables - GLOBALS_SKIPPED).each do |name|
        next unless /\A\$[[:word:]]+\z/.match?(name) && !/\A\$\d/.match?(name)

        guard do
          value = eval(name.to_s, TOPLEVEL_BINDING, __FILE__, __LINE__) # there is no other way to read one
          @file.edge('global', nil, name, value) if Address.heap?(value)
        end
      end
    end
  end
end

require_relative 'names_of_modules'
require_relative 'names_of_instances'
require_relative 'names_of_procs'
