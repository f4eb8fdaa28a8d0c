# Logs once a minute how large the services' caches are, and once more when the worker ends.
module CacheReporter
  EXPECTED_OPTIONS = 2

  def self.start
    seconds = Float(ENV.fetch('TASKFORGE_REPORT_SECONDS', 60))
    Thread.new do
      loop do
        sleep seconds
        report
      end
    end
  end

  def self.report
    entries = NotificationService.instance.cache_size
    Rails.logger.info("NotificationService cache size: #{delimited(entries)} entries")
    keys = TaskService.default_options.size
    return if keys <= EXPECTED_OPTIONS

    Rails.logger.warn("TaskService default_options has #{delimited(keys)} keys (expected #{EXPECTED_OPTIONS})")
  end

  def self.delimited(number)
    ActiveSupport::NumberHelper.number_to_delimited(number)
  end

  private_class_method :delimited
end
