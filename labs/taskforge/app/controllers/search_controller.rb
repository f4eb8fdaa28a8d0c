class SearchController < ApplicationController
  before_action :sign_in

  def index
    service = SearchService.new(Current.user, params.require(:q))
    tasks = params[:status] ? service.search(status: params[:status]) : service.search
    render json: { tasks: tasks }
  end
end
