# frozen_string_literal: true

module StanchAgent
  # Classes and modules: their names and places, constants (private ones too), class-level and class variables.
  class NamesOfModules
    NAME = Module.instance_method(:name)
    CONSTANTS = Module.instance_method(:constants)
    CONST_GET = Module.instance_method(:const_get)
    CONST_DEFINED = Module.instance_method(:const_defined?)
    CONST_LOCATION = Module.instance_method(:const_source_location)
    AUTOLOAD = Module.instance_method(:autoload?)
    CLASS_VARIABLES = Module.instance_method(:class_variables)
    CLASS_VARIABLE_GET = Module.instance_method(:class_variable_get)
    SINGLETON = Module.instance_method(:singleton_class?)
    # What a module refers to besides its constants and variables, or what cannot grow.
    DULL = [Module, String, Regexp, Proc, Method, UnboundMethod, Numeric, Range, Encoding, Thread, IO].freeze

    def initialize(file, names)
      @file = file
      @names = names
      @places = {}.compare_by_identity
    end

    def collect
      modules = ObjectSpace.each_object(Module).to_a
      named = modules.select { |mod| @names.room? && one(mod) }
      named.each do |mod|
        @names.guard { @file.class_line(Address.of(mod), NAME.bind_call(mod), @places[mod]) }
      end
    end

    private

    # Returns whether the module has a name.
    def one(mod)
      @names.guard do
        at = Address.of(mod)
        name = NAME.bind_call(mod)
        seen = {}.compare_by_identity
        class_level_variables(mod, at, seen)
        unless SINGLETON.bind_call(mod)
          public_names = CONSTANTS.bind_call(mod, false)
          public_names.each { |constant| constant(mod, at, name, constant, seen) }
          private_constants(mod, at, name, public_names, seen)
        end
        !name.nil?
      end
    end

    def class_level_variables(mod, at, seen)
      Kernel.instance_method(:instance_variables).bind_call(mod).each do |name|
        edge('ivar', at, name, Names::IVAR_GET.bind_call(mod, name), seen)
      end
      CLASS_VARIABLES.bind_call(mod, false).each do |name|
        @names.guard { edge('cvar', at, name, CLASS_VARIABLE_GET.bind_call(mod, name), seen) }
      end
    end

    def constant(mod, at, owner, name, seen)
      return @names.skip(:autoload) if AUTOLOAD.bind_call(mod, name, false)

      @names.guard do
        value = CONST_GET.bind_call(mod, name, false)
        next unless Address.heap?(value)

        file, line = CONST_LOCATION.bind_call(mod, name, false)
        place(value, owner, name, [file, line]) if Module === value
        edge('const', at, name, value, seen, file, line)
      end
    end

    # Only the constant that gave a class its name tells where the class is written.
    def place(value, owner, name, location)
      full = owner.nil? || owner == 'Object' ? name.to_s : "#{owner}::#{name}"
      @places[value] ||= location if NAME.bind_call(value) == full
    end

    # Ruby lists no private constants, yet they are where services keep caches. A module that refers to
    # something without a name so far is asked for every capitalised symbol there is.
    def private_constants(mod, at, owner, public_names, seen)
      unnamed = (ObjectSpace.reachable_objects_from(mod) || []).any? do |object|
        !seen.key?(object) && !dull?(object)
      end
      return unless unnamed && @names.room?

      (capitalised - public_names).each do |name|
        next unless CONST_DEFINED.bind_call(mod, name, false)

        constant(mod, at, owner, name, seen)
      end
    end

    def capitalised
      @capitalised ||= Symbol.all_symbols.select { |symbol| /\A[[:upper:]][[:word:]]*\z/.match?(symbol) }
    end

    def dull?(object)
      ObjectSpace::InternalObjectWrapper === object || DULL.any? { |kind| kind === object }
    end

    def edge(kind, at, name, value, seen, file = nil, line = nil)
      return unless Address.heap?(value)

      seen[value] = true
      @file.edge(kind, at, name, value, file: file, line: line)
    end
  end
end
