# The latest +capacity+ items; a new one takes the place of the oldest.
class RingBuffer
  def initialize(capacity)
    @slots = Array.new(capacity)
    @written = 0
    @lock = Mutex.new
  end

  def <<(item)
    @lock.synchronize do
      @slots[@written % @slots.size] = item
      @written += 1
    end
    self
  end

  def size
    [@written, @slots.size].min
  end

  # @return [Array] oldest first
  def to_a
    @lock.synchronize { @slots.rotate(@written % @slots.size).compact }
  end
end
