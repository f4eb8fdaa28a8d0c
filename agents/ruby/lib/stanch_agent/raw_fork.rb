# frozen_string_literal: true

module StanchAgent
  # fork(2) for a child that only looks at memory and ends with exit!.
  #
  # The hooks that libraries hang on Process._fork or Kernel#fork (connection pools, tracers, metric
  # exporters) are passed over: they would reconnect, start threads or drop the very objects that the
  # dump shall show. at_exit handlers and finalizers never run.
  module RawFork
    # The method of the interpreter itself, below everything that was prepended to it. `_fork` (3.1 and
    # later) returns 0 in the child, `fork` returns nil.
    def self.bottom
      method = Process.method(Process.respond_to?(:_fork) ? :_fork : :fork)
      while (below = method.super_method)
        method = below
      end
      method
    end

    # Runs the block in a child and returns the child's pid.
    def self.child(title:, cpu_seconds: nil, file_bytes: nil)
      pid = bottom.call
      return pid if pid && pid != 0

      status = 1
      begin
        settle(title, cpu_seconds, file_bytes)
        yield
        status = 0
      rescue Exception # rubocop:disable Lint/RescueException -- nothing may leave this frame
        status = 1
      ensure
        exit!(status)
      end
    end

    # What a child does before anything else.
    def self.settle(title, cpu_seconds, file_bytes)
      GC.disable # a collection would copy pages and sweep what only the parent's threads hold
      reset_signals
      close_sockets
      attempt { Process.setproctitle(title) }
      attempt { Process.setpriority(Process::PRIO_PROCESS, 0, 10) }
      # Should memory run out after all, the kernel is to take the child and not the worker.
      attempt { File.write('/proc/self/oom_score_adj', '1000') }
      attempt { Process.setrlimit(:CPU, cpu_seconds) } if cpu_seconds
      attempt { Process.setrlimit(:FSIZE, file_bytes) } if file_bytes
    end

    # The server's handlers must not run here: Puma's, for one, writes to the master's pipe.
    def self.reset_signals
      (Signal.list.keys - %w[EXIT KILL STOP SEGV BUS ILL FPE VTALRM PIPE XFSZ CHLD CLD]).each do |name|
        attempt { Signal.trap(name, 'SYSTEM_DEFAULT') }
      end
      attempt { Signal.trap('CHLD', 'DEFAULT') }
      # A parent that is gone or a file at its limit is an error to handle, not a reason to die unheard.
      attempt { Signal.trap('PIPE', 'IGNORE') }
      attempt { Signal.trap('XFSZ', 'IGNORE') }
    end

    # A plain close(2): no byte is sent, no object of the application is called. Without it a client whose
    # connection the worker closes would see the end of the stream only when this child has ended, and
    # a closed descriptor would stay in the worker's epoll set.
    def self.close_sockets
      Dir.children('/proc/self/fd').each do |name|
        fd = name.to_i
        next if fd < 3

        attempt { IO.for_fd(fd).close if File.readlink("/proc/self/fd/#{fd}").start_with?('socket:') }
      end
    rescue SystemCallError
      nil # no /proc: the sockets stay open, unused
    end

    def self.attempt
      yield
    rescue SystemCallError, ArgumentError, NotImplementedError, NameError
      nil
    end
  end
end
