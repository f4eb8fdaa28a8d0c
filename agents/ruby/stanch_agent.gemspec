# frozen_string_literal: true

require_relative 'lib/stanch_agent/version'

Gem::Specification.new do |spec|
  spec.name = 'stanch_agent'
  spec.version = StanchAgent::VERSION
  spec.summary = 'Heap dumps of a running Ruby service that name their owners, for Stanch'
  spec.authors = ['The Stanch authors']
  spec.license = 'Apache-2.0'
  spec.files = Dir['lib/**/*.rb', base: __dir__]
  spec.require_paths = ['lib']
  spec.required_ruby_version = '>= 2.7'
end
