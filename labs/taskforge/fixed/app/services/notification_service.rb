# Tells users what has happened, on the channels that they have chosen.
class NotificationService
  RECENT_DELIVERIES = 500
  PREFERENCES_KEPT = 200

  @@instance = nil
  @@instance_lock = Mutex.new

  def self.instance
    @@instance_lock.synchronize { @@instance ||= new }
  end

  attr_reader :recent_deliveries

  def initialize
    @user_preferences_cache = LruCache.new(PREFERENCES_KEPT)
    @recent_deliveries = RingBuffer.new(RECENT_DELIVERIES)
  end

  # @return [Array<Integer>] the users who were told
  def deliver(users, event:, subject:)
    now = Time.current
    rows = users.flat_map do |user|
      channels_for(user, event).map do |channel|
        { user_id: user.id, event: event, channel: channel, subject: subject, created_at: now }
      end
    end
    Notification.insert_all(rows) if rows.any?
    remember(rows.uniq { |row| row[:user_id] })
  end

  def cache_size
    @user_preferences_cache.size
  end

  private

  def channels_for(user, event)
    preferences = preferences_for(user)
    wanted = preferences[:events].fetch(event)
    preferences[:channels].filter_map { |channel, settings| channel if settings[:enabled] && wanted[channel] }
  end

  def remember(deliveries)
    deliveries.each { |delivery| @recent_deliveries << delivery.slice(:user_id, :event, :subject, :created_at) }
    OperationCounts.add(:notifications, deliveries.size)
    deliveries.map { |delivery| delivery[:user_id] }
  end

  # Completing the settings signs a link for every event, which is too dear to do for each notification.
  def preferences_for(user)
    @user_preferences_cache.fetch(user.id) { NotificationPreferences.for(user) }
  end
end
