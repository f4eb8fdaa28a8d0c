ENV['RAILS_ENV'] ||= 'production'

require 'rails'
require 'active_record/railtie'
require 'action_controller/railtie'
require_relative '../lib/incident_log_formatter'

module TaskForge
  BUILDS = %w[leaking fixed].freeze

  def self.build
    ENV.fetch('TASKFORGE_BUILD', 'leaking')
  end

  class Application < Rails::Application
    raise ArgumentError, "TASKFORGE_BUILD must be one of #{BUILDS.join(', ')}" unless BUILDS.include?(TaskForge.build)

    config.root = File.expand_path('..', __dir__)
    config.load_defaults "#{Rails::VERSION::MAJOR}.#{Rails::VERSION::MINOR}"
    config.api_only = true
    config.eager_load = true
    config.cache_classes = true
    config.consider_all_requests_local = false
    config.public_file_server.enabled = false
    config.secret_key_base = ENV.fetch('SECRET_KEY_BASE') { SecureRandom.hex(64) }

    # Of two files of the same name the first counts, so the repaired services stand before those in app/services.
    config.autoload_paths.unshift(root.join('fixed/app/services').to_s) if TaskForge.build == 'fixed'
    config.eager_load_paths << root.join('lib').to_s

    config.cache_store = :memory_store, { size: 64 * 1024 }

    config.logger = ActiveSupport::Logger.new($stderr).tap { |logger| logger.formatter = IncidentLogFormatter.new }
    config.log_level = ENV.fetch('LOG_LEVEL', 'info').to_sym
    # A line for each request says nothing that the metrics do not say; errors are still logged.
    config.middleware.delete Rails::Rack::Logger
    config.after_initialize { ActionController::LogSubscriber.detach_from :action_controller }
  end
end
