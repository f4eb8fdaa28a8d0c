class Project < ApplicationRecord
  has_many :tasks
end
