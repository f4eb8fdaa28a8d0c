# frozen_string_literal: true

module StanchAgent
  # Which part of which server this process is. A master holds no request's objects, and its signals
  # restart the service: it is refused.
  module Role
    MASTERS = %w[puma-master unicorn-master pitchfork-master resque-parent].freeze

    module_function

    def current
      by_title($PROGRAM_NAME.to_s) || by_loaded_server || 'plain'
    end

    def master?(role = current)
      MASTERS.include?(role)
    end

    def by_title(title)
      case title
      when /\Apuma: cluster (worker|mold)/ then 'puma-worker'
      when /\A(?:unicorn|unicorn_rails).* worker\[/ then 'unicorn-worker'
      when /\A(?:unicorn|unicorn_rails).* master/ then 'unicorn-master'
      when /\Apitchfork.*worker/ then 'pitchfork-worker'
      when /\Apitchfork.*(monitor|mold)/ then 'pitchfork-master'
      when /\Aresque(?:-[\d.]+)?: (?:Forked|Waiting|Paused|Starting)/ then 'resque-parent'
      when /\Aresque(?:-[\d.]+)?: Processing/ then 'resque-worker'
      when /\Asidekiq/ then 'sidekiq'
      end
    end

    # Puma names its workers but not its master before that has booted; the objects tell.
    def by_loaded_server
      if (cluster = constant('Puma::Cluster'))
        return nil_or_single unless ObjectSpace.each_object(cluster).first
        worker = constant('Puma::Cluster::Worker')
        return worker && ObjectSpace.each_object(worker).first ? 'puma-worker' : 'puma-master'
      end
      return nil_or_single if defined?(::Puma)

      'sidekiq' if defined?(::Sidekiq) && ::Sidekiq.respond_to?(:server?) && ::Sidekiq.server?
    end

    def nil_or_single
      single = constant('Puma::Single')
      single && ObjectSpace.each_object(single).first ? 'puma-single' : nil
    end

    def constant(path)
      path.split('::').inject(Object) do |mod, name|
        return nil if mod.autoload?(name) || !mod.const_defined?(name, false)

        mod.const_get(name, false)
      end
    end
  end
end
