class TasksController < ApplicationController
  before_action :sign_in, only: :create

  def create
    created = TaskService.new(Current.user, overrides).create(
      project: Project.find(params.require(:project_id)),
      assignee: User.find(params.require(:assignee_id)),
      title: params.require(:title),
      description: params[:description].to_s,
      labels: Array(params[:labels])
    )
    render json: created, status: :created
  end

  def show
    task = Task.includes(:project).find(params[:id])
    render json: task.as_json.merge(reference: task.reference)
  end

  private

  def overrides
    params.permit(:priority, :notify).to_h.symbolize_keys
  end
end
