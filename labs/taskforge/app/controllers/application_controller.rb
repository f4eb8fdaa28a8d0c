class ApplicationController < ActionController::API
  before_action :name_worker

  rescue_from ActiveRecord::RecordNotFound do |error|
    render json: { error: error.message }, status: :not_found
  end
  rescue_from ActiveRecord::RecordInvalid, ActionController::ParameterMissing, ArgumentError do |error|
    render json: { error: error.message }, status: :unprocessable_entity
  end

  private

  def name_worker
    response.set_header('X-Worker-Pid', Process.pid.to_s)
  end

  def sign_in
    Current.request_id = request.request_id
    Current.user = User.find(params.require(:user_id))
  end
end
