# frozen_string_literal: true

module StanchAgent
  # Lines that can be searched for: [HIGH_MEMORY] and [HEAP_DUMP], key=value.
  class Log
    def initialize(logger)
      @logger = logger
    end

    def info(tag, **fields)
      write(:info, line(tag, fields))
    end

    def warn(tag, **fields)
      write(:warn, line(tag, fields))
    end

    private

    def line(tag, fields)
      pairs = fields.compact.map { |key, value| "#{key}=#{value.to_s.match?(/[\s"]/) ? value.to_s.inspect : value}" }
      "[#{tag}] #{pairs.join(' ')}"
    end

    # A logger that fails must not take a dump with it.
    def write(level, text)
      @logger ? @logger.public_send(level, text) : $stderr.write("#{Time.now.utc.strftime('%FT%TZ')} #{text}\n")
    rescue StandardError
      nil
    end
  end
end
