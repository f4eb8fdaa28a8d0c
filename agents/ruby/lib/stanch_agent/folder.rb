# frozen_string_literal: true

require 'fileutils'
require 'json'

require_relative 'process_facts'

module StanchAgent
  # The private folder: dumps, status files, requests, one lock so that one dump runs at a time.
  class Folder
    class Unsafe < StandardError; end

    DUMP = /\Astanch-(\d+)-\d{8}T\d{6}\.\d{3}Z\.json(\.gz)?\z/.freeze
    OURS = /\A(?:stanch-(\d+)\.(?:status|request)\.json|\.stanch-.*\.(\d+)\.\h{8}\.(?:names\.)?part)\z/.freeze

    attr_reader :path

    # Another user's folder, a link or one that others may read is refused: dumps hold secrets.
    def initialize(path)
      @path = File.expand_path(path)
      FileUtils.mkdir_p(File.dirname(@path))
      begin
        Dir.mkdir(@path, 0o700)
      rescue Errno::EEXIST
        nil
      end
      stat = File.lstat(@path)
      raise Unsafe, "#{@path} is not a folder of its own" unless stat.directory?
      raise Unsafe, "#{@path} belongs to another user" unless stat.uid == Process.euid
      raise Unsafe, "#{@path} can be read by others (chmod 700)" unless (stat.mode & 0o077).zero?
    end

    def new_dump_path(gz:)
      stamp = Time.now.utc.strftime('%Y%m%dT%H%M%S.%LZ')
      File.join(@path, "stanch-#{Process.pid}-#{stamp}.json#{gz ? '.gz' : ''}")
    end

    # Opens a dump or its names for whoever may have them: only what this agent itself has written here, by its bare name, and
    # nothing behind a link. nil where there is no such file.
    def open_dump(name)
      return nil unless DUMP.match?(name.sub(/\.names\.jsonl\z/, '.json'))

      file = File.open(File.join(@path, name), File::RDONLY | File::NOFOLLOW)
      stat = file.stat
      return file if stat.file? && stat.uid == Process.euid

      file.close
      nil
    rescue SystemCallError
      nil
    end

    # Removes what was fetched; true if it was there.
    def remove_dump(name)
      file = open_dump(name) or return false
      file.close
      remove(name)
      true
    end

    def status_path(pid = Process.pid)
      File.join(@path, "stanch-#{pid}.status.json")
    end

    def write_status(status)
      write(status_path, status)
    end

    # The status of another process, if that very process still lives; else nil.
    def status_of(pid)
      status = read(status_path(pid))
      status if status && status['startTicks'] == ProcessFacts.start_ticks(pid)
    end

    def write_request(pid, request)
      write(File.join(@path, "stanch-#{pid}.request.json"), request)
    end

    # What the sender of a signal wants besides a dump: {gz, values, id}. Taken once.
    def take_request
      path = File.join(@path, "stanch-#{Process.pid}.request.json")
      request = read(path) || {}
      File.unlink(path) if File.exist?(path)
      request.is_a?(Hash) ? request : {}
    end

    # Yields while no other process dumps into this folder; returns nil, without yielding, if one does.
    def lock
      File.open(File.join(@path, '.lock'), File::RDWR | File::CREAT | File::NOFOLLOW, 0o600) do |file|
        return nil unless file.flock(File::LOCK_EX | File::LOCK_NB)

        begin
          yield
        ensure
          file.flock(File::LOCK_UN) # children share the lock: closing would not be enough
        end
      end
    end

    # Removes the oldest dumps beyond `keep`, but never the first one of this process: it is what the
    # others are compared with. Returns the paths removed.
    def rotate(keep)
      return [] unless keep.positive?

      dumps = Dir.children(@path).grep(DUMP).sort_by { |name| [name[/-(\d{8}T[\d.]+Z)/, 1], name] }
      first = dumps.find { |name| name[DUMP, 1].to_i == Process.pid }
      (dumps - [first]).first([dumps.length - keep, 0].max).map do |name|
        remove(name)
        remove(name.sub(/\.json(\.gz)?\z/, '.names.jsonl'))
        File.join(@path, name)
      end
    end

    # What processes that are gone left behind.
    def sweep
      Dir.children(@path).each do |name|
        match = OURS.match(name) or next
        remove(name) unless alive?((match[1] || match[2]).to_i)
      end
    end

    def forget_status
      remove("stanch-#{Process.pid}.status.json")
    end

    private

    def alive?(pid)
      Process.kill(0, pid)
      true
    rescue Errno::ESRCH
      false
    rescue SystemCallError
      true
    end

    def remove(name)
      File.unlink(File.join(@path, name))
    rescue Errno::ENOENT
      nil
    end

    def read(path)
      JSON.parse(File.read(path))
    rescue SystemCallError, JSON::ParserError
      nil
    end

    def write(path, data)
      part = "#{path}.#{Process.pid}.#{Thread.current.object_id}"
      File.open(part, File::WRONLY | File::CREAT | File::EXCL | File::NOFOLLOW, 0o600) { |file| file.write("#{JSON.generate(data)}\n") }
      File.rename(part, path)
    end
  end
end
