require_relative 'config/environment'

DatabaseSetup.prepare
run Rails.application
