# frozen_string_literal: true

module StanchAgent
  # Addresses as ObjectSpace.dump_all writes them, and looking at objects without calling their own methods.
  module Address
    TO_S = Kernel.instance_method(:to_s)
    CLASS_OF = Kernel.instance_method(:class)

    # Kernel#to_s prints "#<Name:0x000…>" whatever the class has redefined.
    def self.of(object)
      text = TO_S.bind_call(object)
      text = text.b unless text.ascii_only?
      from = text.rindex('0x') + 2
      from += 1 while text.getbyte(from) == 48
      "0x#{text.byteslice(from, text.bytesize - from - 1)}"
    end

    # False for what lives inside the reference itself, and for numbers and symbols, which hold nothing.
    def self.heap?(value)
      case value
      when nil, true, false, Integer, Symbol, Float then false
      else true
      end
    end
  end
end
