require 'digest'

# What a user wants to hear of and where: the settings, completed with what we assume when nothing was chosen.
module NotificationPreferences
  EVENTS = %i[task_assigned task_commented task_completed task_overdue mention project_announcement weekly_summary
              billing].freeze
  WEEKDAYS = %w[monday tuesday wednesday thursday friday].freeze

  def self.for(user)
    settings = user.settings
    {
      user_id: user.id,
      locale: user.locale,
      time_zone: user.time_zone,
      channels: channels(user, settings),
      events: EVENTS.to_h { |event| [event, event_preferences(user, settings, event)] },
      quiet_hours: { from: '22:00', to: '07:00', days: WEEKDAYS.first(3 + (user.id % 3)) },
      digest: { hour: settings['digestHour'], sections: %w[assigned overdue mentions], greeting: "Hello #{user.name}," },
      muted: { projects: settings['mutedProjects'], labels: ["muted-by-#{user.id}"], until: nil }
    }
  end

  def self.channels(user, settings)
    {
      email: { enabled: settings['email'], address: user.email, format: 'html', footer: footer(user) },
      push: { enabled: settings['push'], devices: settings['devices'], sound: 'default' },
      in_app: { enabled: true, badge: true, stream: "users/#{user.id}/notifications/#{token(user, 'stream')}" },
      slack: { enabled: settings['slack'], handle: "@#{user.name.parameterize}", workspace: 'taskforge-customers' }
    }
  end

  def self.event_preferences(user, settings, event)
    {
      email: settings['email'],
      push: settings['push'] && event != :weekly_summary,
      in_app: true,
      slack: settings['slack'],
      unsubscribe_url: "https://taskforge.example/users/#{user.id}/unsubscribe/#{event}?token=#{token(user, event)}"
    }
  end

  def self.footer(user)
    "You get this mail because #{user.email} has an account at TaskForge. " \
      "Times are in #{user.time_zone}. Manage your notifications at https://taskforge.example/users/#{user.id}/settings."
  end

  def self.token(user, purpose)
    Digest::SHA256.hexdigest("#{Rails.application.secret_key_base}:#{user.id}:#{purpose}")
  end

  private_class_method :channels, :event_preferences, :footer, :token
end
