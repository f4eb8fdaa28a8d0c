# frozen_string_literal: true

module StanchAgent
  # What the kernel says of this process and its container. Sizes in bytes; nil where it cannot be known.
  module ProcessFacts
    ALLOCATORS = { 'jemalloc' => 'jemalloc', 'libtcmalloc' => 'tcmalloc', 'mimalloc' => 'mimalloc',
                   'ld-musl' => 'musl', 'libc.so.6' => 'glibc', 'libc-2.' => 'glibc' }.freeze
    STEERING = /\A(MALLOC_|RUBY_GC_|RUBY_YJIT_|RUBY_THREAD_|GLIBC_TUNABLES\z|LD_PRELOAD\z|_RJEM_MALLOC_CONF\z)/.freeze
    # cgroup v1 writes a number near 2^63 for "no limit".
    NO_LIMIT_BYTES = 1 << 60

    module_function

    def rss(pid = 'self')
      kilobytes(read("/proc/#{pid}/status"), 'VmRSS')
    end

    def rss_anonymous
      kilobytes(read('/proc/self/status'), 'RssAnon')
    end

    # Pages that only this process has: what a child costs on top of its parent.
    def private_dirty
      text = read('/proc/self/smaps_rollup')
      return kilobytes(text, 'Private_Dirty') if text

      read('/proc/self/smaps')&.scan(/^Private_Dirty:\s+(\d+) kB/)&.sum { |(kb)| kb.to_i * 1024 }
    end

    # Ticks after boot at which the process began: tells two processes with one pid apart.
    def start_ticks(pid = 'self')
      read("/proc/#{pid}/stat")&.rpartition(')')&.last&.split&.at(19)&.to_i
    end

    def allocator
      maps = read('/proc/self/maps') or return 'other'
      ALLOCATORS.each { |part, name| return name if maps.include?(part) }
      'other'
    end

    def settings
      ENV.select { |key, _| STEERING.match?(key) }.map { |key, value| "#{key}=#{value}" }.sort
    end

    # Free memory: the host's, or what the container's limit leaves, whichever is less.
    def free_memory
      [kilobytes(read('/proc/meminfo'), 'MemAvailable'), cgroup_free].compact.min
    end

    # Every group from this process's up to the root may have a limit; the page cache of files can be given back.
    def cgroup_free
      (read('/proc/self/cgroup') || '').each_line.flat_map do |line|
        _, controllers, group = line.strip.split(':', 3)
        if controllers == ''
          levels(group).map { |at| left("/sys/fs/cgroup#{at}", 'memory.max', 'memory.current', 'inactive_file') }
        elsif controllers&.split(',')&.include?('memory')
          levels(group).map do |at|
            left("/sys/fs/cgroup/memory#{at}", 'memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file')
          end
        else
          []
        end
      end.compact.min
    end

    # In a container the group's path is often the host's while the mount shows the container's own as root.
    def levels(group)
      parts = (group || '/').split('/').reject(&:empty?)
      (0..parts.length).map { |count| parts.first(count).map { |part| "/#{part}" }.join }
    end

    def left(folder, limit_file, usage_file, cache_key)
      limit = read("#{folder}/#{limit_file}")&.strip
      usage = read("#{folder}/#{usage_file}")&.to_i
      return nil if limit.nil? || usage.nil? || limit == 'max' || limit.to_i >= NO_LIMIT_BYTES

      cache = read("#{folder}/memory.stat").to_s[/^#{cache_key} (\d+)/, 1].to_i
      [limit.to_i - usage + cache, 0].max
    end

    # df, as Ruby has no statvfs. nil where there is no df (distroless images).
    def free_disk(folder)
      IO.popen(['df', '-Pk', folder], err: File::NULL, &:read).lines[1]&.split&.at(3)&.to_i&.*(1024)
    rescue SystemCallError
      nil
    end

    # Bit n-1 of SigCgt: signal n has a handler. Of SigIgn: it is ignored.
    def signal_mask(name)
      read('/proc/self/status').to_s[/^#{name}:\s*(\h+)/, 1].to_s.to_i(16)
    end

    def controlling_terminal?
      read('/proc/self/stat')&.rpartition(')')&.last&.split&.at(4).to_i.positive?
    end

    def kilobytes(text, key)
      value = text.to_s[/^#{key}:\s+(\d+) kB/, 1]
      value && value.to_i * 1024
    end

    def read(path)
      File.read(path)
    rescue SystemCallError
      nil
    end
  end
end
