# Who asks, for the time of one request.
class Current < ActiveSupport::CurrentAttributes
  attribute :user, :request_id
end
