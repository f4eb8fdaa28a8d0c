# The numbers of one worker, and the text that Prometheus reads. Each series is labelled with its worker: the workers
# do not share their memory, so their numbers may not be added blindly.
module WorkerMetrics
  GC_KEYS = %i[count major_gc_count minor_gc_count heap_live_slots heap_free_slots old_objects malloc_increase_bytes
               oldmalloc_increase_bytes total_allocated_objects total_freed_objects].freeze
  COUNTERS = %i[count major_gc_count minor_gc_count total_allocated_objects total_freed_objects].freeze

  def self.sample
    { 'process_resident_memory_bytes' => resident_bytes }
      .compact
      .merge(operations, sizes, garbage_collector)
  end

  # @param workers [Array<Hash>] each with "worker", "pid" and "sample"
  def self.text(workers)
    names = workers.flat_map { |worker| worker['sample'].keys }.uniq
    lines = names.flat_map do |name|
      ["# TYPE #{name} #{counter?(name) ? 'counter' : 'gauge'}"] + workers.map do |worker|
        value = worker['sample'][name]
        %(#{name}{worker="#{worker['worker']}",pid="#{worker['pid']}"} #{value}) if value
      end.compact
    end
    "#{lines.join("\n")}\n"
  end

  def self.operations
    OperationCounts.to_h.to_h { |kind, count| ["taskforge_#{kind}_total", count] }
  end

  def self.sizes
    notifications = NotificationService.instance
    {
      'taskforge_notification_preferences_cache_entries' => notifications.cache_size,
      'taskforge_recent_deliveries' => notifications.recent_deliveries.size,
      'taskforge_task_default_options_keys' => TaskService.default_options.size,
      'taskforge_search_options_keys' => SearchService.last_options_keys,
      'taskforge_search_options_filters' => SearchService.last_options_filters,
      'taskforge_search_results_cache_entries' => SearchService::RESULTS.size,
      'taskforge_rails_cache_entries' => Rails.cache.instance_variable_get(:@data).size
    }
  end

  def self.garbage_collector
    stat = GC.stat
    GC_KEYS.to_h { |key| ["ruby_gc_#{key}#{'_total' if COUNTERS.include?(key)}", stat[key]] }
  end

  def self.counter?(name)
    name.end_with?('_total')
  end

  def self.resident_bytes
    kilobytes = File.read('/proc/self/status')[/^VmRSS:\s+(\d+) kB/, 1]
    kilobytes && (Integer(kilobytes) * 1024)
  rescue SystemCallError
    nil # no procfs on this system
  end

  private_class_method :operations, :sizes, :garbage_collector, :counter?, :resident_bytes
end
