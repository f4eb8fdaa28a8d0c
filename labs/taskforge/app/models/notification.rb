class Notification < ApplicationRecord
  belongs_to :user
end
