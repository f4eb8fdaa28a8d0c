# frozen_string_literal: true

require 'tmpdir'

module StanchAgent
  # What can be set, by argument of StanchAgent.start or by environment; an argument wins.
  class Settings
    # folder          STANCH_DIR              private folder for dumps and status files (made with 0700)
    # token           STANCH_TOKEN            switches the Rack endpoint on; at least 16 characters
    # download        STANCH_DOWNLOAD=1       the endpoint also hands dumps out; without it they stay in the folder
    # signal          STANCH_SIGNAL           name without SIG; only if nothing else uses it
    # gz              STANCH_GZ=1             pack dumps
    # values          STANCH_VALUES=0         leave strings' contents out of dumps
    # cool_down       STANCH_COOL_DOWN        seconds between two dumps of one process
    # keep            STANCH_KEEP             dumps kept in the folder; 0: all
    # dump_seconds    STANCH_DUMP_SECONDS     after which a dump's child is ended
    # names_seconds   STANCH_NAMES_SECONDS    the most that collecting names may take
    # memory_share    STANCH_MEMORY_SHARE     share of RSS that must be free before a fork
    # watch           ENABLE_MEMORY_DEBUGGING=true   the HIGH_MEMORY log
    # high_memory_mb  STANCH_HIGH_MEMORY_MB
    # watch_seconds   STANCH_WATCH_SECONDS
    # dump_when_high  STANCH_DUMP_WHEN_HIGH=1  one dump when the threshold is passed
    # logger          (argument only)          an object with info and warn; without it lines go to stderr
    NAMES = %i[folder token download signal gz values cool_down keep dump_seconds names_seconds memory_share watch
               high_memory_mb watch_seconds dump_when_high logger].freeze
    TOKEN_LENGTH = 16

    attr_reader(*NAMES)

    def initialize(env: ENV, **given)
      unknown = given.keys - NAMES
      raise ArgumentError, "StanchAgent.start: unknown #{unknown.join(', ')}" unless unknown.empty?

      from_env(env).merge(given).each { |name, value| instance_variable_set("@#{name}", value) }
      @signal = @signal.to_s.sub(/\ASIG/, '') if @signal
    end

    # nil when no usable token is set: the endpoint is off then.
    def endpoint_token
      @token if @token && @token.length >= TOKEN_LENGTH
    end

    private

    def from_env(env)
      {
        folder: env['STANCH_DIR'] || File.join(Dir.tmpdir, "stanch-#{Process.euid}"),
        token: env['STANCH_TOKEN'], download: on?(env['STANCH_DOWNLOAD'], false), signal: env['STANCH_SIGNAL'],
        gz: on?(env['STANCH_GZ'], false), values: on?(env['STANCH_VALUES'], true),
        cool_down: number(env['STANCH_COOL_DOWN'], 60), keep: number(env['STANCH_KEEP'], 12),
        dump_seconds: number(env['STANCH_DUMP_SECONDS'], 300), names_seconds: number(env['STANCH_NAMES_SECONDS'], 20),
        memory_share: number(env['STANCH_MEMORY_SHARE'], 0.25),
        watch: on?(env['ENABLE_MEMORY_DEBUGGING'], false), high_memory_mb: number(env['STANCH_HIGH_MEMORY_MB'], 1024),
        watch_seconds: number(env['STANCH_WATCH_SECONDS'], 60), dump_when_high: on?(env['STANCH_DUMP_WHEN_HIGH'], false),
        logger: nil
      }
    end

    def on?(text, default)
      return default if text.nil? || text.empty?

      %w[1 true yes on].include?(text.downcase)
    end

    def number(text, default)
      text.nil? || text.empty? ? default : (Integer(text, exception: false) || Float(text))
    end
  end
end
