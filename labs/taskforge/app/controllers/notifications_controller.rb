class NotificationsController < ApplicationController
  before_action :sign_in, only: :create

  def create
    event = params.require(:event).to_sym
    raise ArgumentError, "There is no event #{event}" unless NotificationPreferences::EVENTS.include?(event)

    users = User.named_in(params.require(:recipient_ids))
    notified = NotificationService.instance.deliver(users, event: event, subject: params.require(:subject))
    render json: { notified: notified }, status: :created
  end

  def index
    render json: { recent: NotificationService.instance.recent_deliveries.to_a.last(20) }
  end
end
