# frozen_string_literal: true

require_relative 'process_facts'
require_relative 'role'

module StanchAgent
  # Whether a dump would make things worse: wrong process, too little memory, too little disk.
  module Preflight
    # Bytes of JSON for a byte of resident memory, and how far gzip -1 packs it (measured; the floor is a
    # third of what was seen).
    DUMP_SHARE = 2.4
    PACKED_SHARE = 2.4 / 5
    # Left free on the disk whatever happens.
    DISK_RESERVE_BYTES = 256 << 20
    MEMORY_RESERVE_BYTES = 64 << 20

    Result = Struct.new(:reason, :rss, :free_memory, :free_disk, :file_bytes, :dump_bytes, :memory_bytes)

    module_function

    def check(settings, role:, folder:, gz:)
      rss = ProcessFacts.rss || 0
      result = Result.new(nil, rss, ProcessFacts.free_memory, ProcessFacts.free_disk(folder))
      result.dump_bytes = (rss * (gz ? PACKED_SHARE : DUMP_SHARE)).ceil
      # The child shares the parent's pages; what the parent writes to while it runs is copied.
      result.memory_bytes = (rss * settings.memory_share).ceil + MEMORY_RESERVE_BYTES
      result.file_bytes = [result.free_disk - DISK_RESERVE_BYTES, 1].max if result.free_disk
      result.reason = no_fork || wrong_process(role) || low_memory(result) || low_disk(result, folder)
      result
    end

    def no_fork
      return nil if Process.respond_to?(:fork) && ObjectSpace.respond_to?(:dump_all)

      "#{RUBY_ENGINE} cannot fork or has no ObjectSpace.dump_all"
    end

    def wrong_process(role)
      return nil unless Role.master?(role)

      "this is a #{role.tr('-', ' ')}: it serves no request and holds none of their objects; ask one of its workers"
    end

    def low_memory(result)
      return nil if result.free_memory.nil? || result.free_memory >= result.memory_bytes

      "free memory #{megabytes(result.free_memory)} is less than #{megabytes(result.memory_bytes)}, " \
        "which a dump of #{megabytes(result.rss)} may need"
    end

    def low_disk(result, folder)
      needed = result.dump_bytes + DISK_RESERVE_BYTES
      return nil if result.free_disk.nil? || result.free_disk >= needed

      "free disk #{megabytes(result.free_disk)} in #{folder} is less than the #{megabytes(needed)} that a dump " \
        'and the reserve need; pack it (gz) or name another folder'
    end

    def megabytes(bytes)
      "#{(bytes / 1_048_576.0).round} MB"
    end
  end
end
