require 'logger'

# 2024-01-22T06:30:12Z [Rails] INFO: NotificationService cache size: 45,892 entries
class IncidentLogFormatter < Logger::Formatter
  def call(severity, time, _program, message)
    "#{time.utc.strftime('%Y-%m-%dT%H:%M:%SZ')} [Rails] #{severity}: #{message.is_a?(String) ? message : message.inspect}\n"
  end
end
