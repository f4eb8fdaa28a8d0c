# frozen_string_literal: true

# A plain Rack application with the agent.
$LOAD_PATH.unshift File.expand_path('../lib', __dir__)
require 'stanch_agent'

StanchAgent.start
use StanchAgent::Middleware
run ->(_env) { [200, { 'content-type' => 'text/plain' }, [Process.pid.to_s]] }
