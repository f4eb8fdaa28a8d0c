class HealthController < ApplicationController
  # Ready when the database answers.
  def show
    ActiveRecord::Base.connection.select_value('SELECT 1')
    render json: { status: 'ok', build: TaskForge.build, pid: Process.pid }
  end
end
