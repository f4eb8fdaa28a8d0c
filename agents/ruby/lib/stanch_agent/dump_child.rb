# frozen_string_literal: true

require 'json'
require 'objspace'
begin
  require 'fiddle'
rescue LoadError
  nil # a bundled gem from Ruby 3.5 on
end

require_relative 'names'
require_relative 'process_facts'
require_relative 'raw_fork'
require_relative 'sink'

module StanchAgent
  # The child that writes the dump. Its memory is the parent's at one moment; it allocates next to nothing
  # before the dump is written, so that the dump shows the service and not the agent. The names are
  # collected by a second child of the same moment, side by side.
  class DumpChild
    # Looked up in the parent, so that the child makes no object of it. nil: no glibc, or no Fiddle.
    MALLOC_TRIM = begin
      Fiddle::Function.new(Fiddle.dlopen(nil)['malloc_trim'], [Fiddle::TYPE_LONG], Fiddle::TYPE_INT)
    rescue StandardError
      nil
    end

    # plan: path, names_path, part, names_part, gz, values, names_seconds, seconds, file_bytes, forking_at,
    #       threads, head
    def initialize(plan, up:, down:)
      @plan = plan
      @up = up
      @down = down
    end

    def run
      @began = now
      Process.setpgid(0, 0) # so that the watchdog can end all of us at once
      names = start_names
      write_dump
      dirty = ProcessFacts.private_dirty
      tell(state: 'written', ms: ms_since(@began))
      cost = hear.merge('childMs' => ms_since(@began), 'privateDirtyBytes' => dirty)
      named = finish_names(*names)
      publish(cost, named)
    rescue StandardError, NoMemoryError => error
      tell(state: 'failed', reason: "#{error.class}: #{error.message}")
    end

    private

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def ms_since(from)
      ((now - from) * 1000).round(1)
    end

    def tell(message)
      @up.write("#{JSON.generate(message)}\n")
    rescue SystemCallError, IOError
      nil # the parent is gone; the dump is still worth finishing
    end

    # What the parent measured: its answer to 'written'.
    def hear
      return {} unless IO.select([@down], nil, nil, 5)

      line = @down.gets
      line ? JSON.parse(line) : {}
    rescue SystemCallError, IOError, JSON::ParserError
      {}
    end

    def child(title, &block)
      RawFork.child(title: "stanch: #{title} of #{@plan[:head][:pid]}", cpu_seconds: @plan[:seconds].ceil + 1,
                    file_bytes: @plan[:file_bytes], &block)
    end

    def start_names
      return nil unless @plan[:names_path]

      reader, writer = IO.pipe
      pid = child('names') do
        [@up, @down, reader].each(&:close)
        writer.write(JSON.generate(names))
      end
      writer.close
      [pid, reader]
    end

    # Runs in the names child. Returns what goes into the head.
    def names
      from = now
      facts = facts_of_parent
      file = NamesFile.new(@plan[:names_part])
      file.head(@plan[:head].merge(facts))
      finding = Names.new(file, threads: @plan[:threads], seconds: @plan[:names_seconds]).collect
      file.finish(finding)
      { facts: facts, namesMs: ms_since(from), namesPrivateDirtyBytes: ProcessFacts.private_dirty, edges: file.edges }
    end

    # Read here and not in the parent, where every read waits its turn among busy threads.
    def facts_of_parent
      allocator = ProcessFacts.allocator
      { startTicks: ProcessFacts.start_ticks(@plan[:head][:pid]), allocator: allocator,
        settings: ProcessFacts.settings }.merge(allocator == 'glibc' ? trim : {})
    end

    # What the allocator would give back to the kernel if asked: tells fragmentation from a leak. Asked in a
    # child, it costs the service nothing. Only anonymous pages count: a child has not all file pages.
    def trim
      return {} unless MALLOC_TRIM

      before = ProcessFacts.rss_anonymous
      MALLOC_TRIM.call(0)
      given_back = [before - ProcessFacts.rss_anonymous, 0].max
      { rssAfterTrim: @plan[:head][:rss] - given_back }
    rescue StandardError
      {}
    end

    def finish_names(pid = nil, reader = nil)
      return nil unless pid

      text = reader.read
      Process.wait(pid)
      text.empty? ? nil : JSON.parse(text)
    rescue SystemCallError, JSON::ParserError
      nil
    end

    def write_dump
      return write_through_sink if @plan[:gz] || !@plan[:values]

      File.open(@plan[:part], File::WRONLY | File::CREAT | File::EXCL | File::NOFOLLOW, 0o600) do |file|
        ObjectSpace.dump_all(output: file)
        file.flush
        file.fsync
      end
    end

    def write_through_sink
      reader, writer = IO.pipe
      pid = child('writer') do
        [@up, @down, writer].each(&:close)
        Sink.become(@plan[:part], reader, gz: @plan[:gz], values: @plan[:values])
      end
      reader.close
      ObjectSpace.dump_all(output: writer)
      writer.close
      _, status = Process.wait2(pid)
      raise "the writer ended with #{status.inspect}" unless status.success?
    end

    # Names first: whoever sees the dump finds its names complete.
    def publish(cost, named)
      if named
        head = @plan[:head].merge(named['facts']).merge(
          cost: cost.merge(named.slice('namesMs', 'namesPrivateDirtyBytes')),
        )
        NamesFile.amend_head(@plan[:names_part], head)
        File.rename(@plan[:names_part], @plan[:names_path])
      elsif @plan[:names_path]
        File.unlink(@plan[:names_part]) if File.exist?(@plan[:names_part])
      end
      bytes = File.size(@plan[:part])
      File.rename(@plan[:part], @plan[:path])
      sync_folder
      tell(state: 'done', bytes: bytes, cost: cost, names: named)
    end

    def sync_folder
      File.open(File.dirname(@plan[:path]), &:fsync)
    rescue SystemCallError
      nil
    end
  end
end
