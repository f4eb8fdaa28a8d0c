Rails.application.routes.draw do
  get 'search', to: 'search#index'
  resources :tasks, only: %i[create show]
  resources :notifications, only: %i[create index]
  get 'metrics', to: 'metrics#show'
  get 'up', to: 'health#show'
end
