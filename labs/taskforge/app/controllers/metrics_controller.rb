class MetricsController < ApplicationController
  def show
    render plain: WorkerMetrics.text(WorkerMetricsSocket.read_all), content_type: 'text/plain; version=0.0.4'
  end
end
