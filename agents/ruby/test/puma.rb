# frozen_string_literal: true

workers 2
threads 3, 3
bind 'tcp://127.0.0.1:0'
preload_app! ENV['PRELOAD'] == '1'
worker_timeout 60
