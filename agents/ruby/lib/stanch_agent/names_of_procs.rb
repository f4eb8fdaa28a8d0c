# frozen_string_literal: true

module StanchAgent
  # Where procs, lambdas and method objects are written, and what the first few of each place close over.
  class NamesOfProcs
    LOCALS_EACH = 8
    MOST = 100_000

    def initialize(file, names)
      @file = file
      @names = names
      @at_place = Hash.new(0)
    end

    def collect
      procs = []
      ObjectSpace.each_object(Proc) { |object| procs.length < MOST ? procs << object : @names.skip(:procs) }
      procs.each { |object| break unless @names.room?; @names.guard { one(object) } }
      ObjectSpace.each_object(Method) { |object| @names.guard { bound(object) } if @file.procs < MOST }
    end

    private

    def one(object)
      location = Proc.instance_method(:source_location).bind_call(object)
      return unless location && location[0] && location[1]

      at = Address.of(object)
      taken = (@at_place[location] += 1) <= LOCALS_EACH ? locals(object) : nil
      @file.proc_line(at, 'proc', location, Proc.instance_method(:lambda?).bind_call(object), taken && taken.keys)
      taken&.each { |name, value| @file.edge('local', at, name, value) if Address.heap?(value) }
    end

    # nil for procs made of methods or of C functions: they have no binding.
    def locals(object)
      binding = Proc.instance_method(:binding).bind_call(object)
      binding.local_variables.to_h { |name| [name, binding.local_variable_get(name)] }
    rescue ArgumentError
      nil
    end

    def bound(object)
      location = Method.instance_method(:source_location).bind_call(object)
      @file.proc_line(Address.of(object), 'method', location, nil, nil) if location && location[0] && location[1]
    end
  end
end
