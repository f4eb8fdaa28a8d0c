# frozen_string_literal: true

# A Rails application in one file, with the agent, under Puma: what the tests dump.
$LOAD_PATH.unshift File.expand_path('../lib', __dir__)
require 'logger' # Rails 6.1 counts on it
require 'action_controller/railtie'
require 'stanch_agent'

class NotificationService
  @@instance = nil

  def self.instance
    @@instance ||= new
  end

  def initialize
    @user_preferences_cache = {}
  end

  def deliver(user)
    @user_preferences_cache[user] ||= { mail: "#{user}@secret.example" }
  end
end

class Audit
  TRAIL = [] # rubocop:disable Style/MutableConstant -- the leak
  private_constant :TRAIL

  def self.note(text)
    TRAIL << text
  end
end

class NotifyController < ActionController::Base
  def create
    NotificationService.instance.deliver("user#{params[:user]}")
    Audit.note("notified #{params[:user]}")
    render plain: Process.pid.to_s
  end
end

class TestApp < Rails::Application
  config.eager_load = true
  config.logger = Logger.new(nil)
  config.secret_key_base = 'x' * 32
  config.hosts.clear
  config.middleware.insert 0, StanchAgent::Middleware
  routes.append { get '/notify/:user', to: 'notify#create' }
end

TestApp.initialize!
StanchAgent.start
run TestApp
