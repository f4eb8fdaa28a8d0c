# Keeps the entries that were used last, at most +capacity+ of them.
class LruCache
  def initialize(capacity)
    @capacity = capacity
    @entries = {}
    @lock = Mutex.new
  end

  # The block makes the value outside the lock, so it may run twice for one key.
  def fetch(key)
    @lock.synchronize do
      if @entries.key?(key)
        value = @entries.delete(key)
        return @entries[key] = value
      end
    end
    value = yield
    @lock.synchronize do
      @entries[key] = value
      @entries.shift while @entries.size > @capacity
    end
    value
  end

  def size
    @entries.size
  end
end
