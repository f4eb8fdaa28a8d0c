# What this worker has done since it was forked.
class OperationCounts
  KINDS = %i[notifications tasks searches].freeze

  @counts = KINDS.to_h { |kind| [kind, 0] }
  @lock = Mutex.new

  def self.add(kind, count = 1)
    @lock.synchronize { @counts[kind] += count }
  end

  def self.to_h
    @lock.synchronize { @counts.dup }
  end
end
