class User < ApplicationRecord
  has_many :assigned_tasks, class_name: 'Task', foreign_key: :assignee_id, inverse_of: :assignee
  has_many :notifications

  def self.named_in(ids)
    where(id: Array(ids).map { |id| Integer(id) }).order(:id).to_a
  end

  # @return [Hash] only what the user has chosen
  def settings
    @settings ||= JSON.parse(super)
  end
end
