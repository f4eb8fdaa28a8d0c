# frozen_string_literal: true

module StanchAgent
  VERSION = '0.1.0'
end
