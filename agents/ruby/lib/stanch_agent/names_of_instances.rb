# frozen_string_literal: true

module StanchAgent
  # Instance variables and members of objects: one by one where a class has few instances (services,
  # singletons, registries), as the order of names where it has many.
  class NamesOfInstances
    # Have no instance variables in practice and are most of the heap.
    PLAIN = [Regexp, MatchData, Proc, Method, UnboundMethod, Rational, Complex, Range, Time,
             Encoding, Thread, Integer, Float, Symbol, Mutex, Binding].each_with_object({}.compare_by_identity) { |kind, set| set[kind] = true }.freeze
    HAS_DATA = RUBY_VERSION.to_f >= 3.2
    CHECK_EVERY = 65_536

    Seen = Struct.new(:count, :kept)
    # Made by this very work: not in the dump.
    OWN = [Seen, Names, NamesFile, NamesOfModules].freeze

    def initialize(file, names)
      @file = file
      @names = names
      @seen = {}.compare_by_identity
    end

    def collect
      count_classes
      @seen.each do |kind, seen|
        break unless @names.room?

        @names.guard { describe(kind, seen) }
      end
    end

    private

    # An unbound method of Kernel makes an object at every call; an alias in Object makes none. This process
    # is ours, nobody else sees it.
    def count_classes
      Object.class_eval { alias_method :__stanch_class__, :class }
      left = CHECK_EVERY
      ObjectSpace.each_object do |object|
        if (left -= 1).zero?
          break unless @names.room?

          left = CHECK_EVERY
        end
        next if String === object || Array === object || Hash === object || Module === object

        kind = Object === object ? object.__stanch_class__ : Address::CLASS_OF.bind_call(object)
        next if PLAIN.key?(kind) || OWN.include?(kind)

        seen = (@seen[kind] ||= Seen.new(0, []))
        seen.count += 1
        seen.kept << object if seen.count <= Names::INSTANCES_EACH
      end
    end

    def describe(kind, seen)
      few = seen.count <= Names::INSTANCES_EACH
      seen.kept.each { |object| each_by_name(object) } if few
      return if few

      ivars = order(seen.kept.map { |object| Kernel.instance_method(:instance_variables).bind_call(object) })
      members = members_of(seen.kept.first)
      @file.layout(Address.of(kind), 'ivars', ivars, seen.count) unless ivars.empty?
      @file.layout(Address.of(kind), 'members', members, seen.count) if members
    end

    def each_by_name(object)
      @names.ivars('ivar', object)
      members = members_of(object) or return
      at = Address.of(object)
      values = Struct === object ? Struct.instance_method(:to_a).bind_call(object) : Data.instance_method(:to_h).bind_call(object).values
      members.zip(values) { |name, value| @file.edge('member', at, name, value) if Address.heap?(value) }
    end

    def members_of(object)
      if Struct === object
        Struct.instance_method(:members).bind_call(object)
      elsif HAS_DATA && Data === object
        Data.instance_method(:members).bind_call(object)
      end
    end

    # The longest list, and after it what other instances have besides.
    def order(lists)
      lists.max_by(&:length) | lists.flatten.uniq
    end
  end
end
