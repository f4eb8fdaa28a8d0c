class Task < ApplicationRecord
  PRIORITIES = %w[low normal high urgent].freeze

  belongs_to :project
  belongs_to :creator, class_name: 'User'
  belongs_to :assignee, class_name: 'User', inverse_of: :assigned_tasks

  validates :title, presence: true, length: { maximum: 200 }
  validates :priority, inclusion: { in: PRIORITIES }

  scope :visible_to, ->(_user) { where.not(status: 'archived') }

  def reference
    "#{project.key}-#{id}"
  end

  def label_list
    labels.split(',')
  end
end
