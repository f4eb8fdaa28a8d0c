# frozen_string_literal: true

module StanchAgent
  # Takes the `value` fields (of strings, dynamic symbols, floats) out of a stream of dump lines.
  # Works on blocks of any size in constant memory: a value may be longer than a block.
  class ValueFilter
    MARK = ', "value":"'.b.freeze
    WHOLE = /, "value":"(?>[^"\\]*(?:\\.[^"\\]*)*)"/mn.freeze
    # From inside a value as far as it goes in this block.
    INSIDE = /\A(?>[^"\\]*(?:\\.[^"\\]*)*)/mn.freeze

    def initialize
      @rest = String.new
      @inside = false
    end

    # Returns what of the stream can be given on; the block given is used up.
    def push(block)
      block = @rest << block
      @rest = String.new
      block = leave(block) if @inside
      return block if @inside

      block.gsub!(WHOLE, '')
      open = block.rindex(MARK)
      open ? enter(block, open) : hold_back(block)
    end

    # What was held back; a value that never ended is dropped.
    def finish
      @inside ? String.new : @rest
    end

    private

    # A value begins in this block and does not end in it.
    def enter(block, open)
      @inside = true
      given = block.byteslice(0, open)
      leave(block.byteslice(open + MARK.bytesize, block.bytesize))
      given
    end

    def leave(block)
      used = block.match(INSIDE)[0].bytesize
      after = block.byteslice(used, block.bytesize)
      if after.start_with?('"')
        @inside = false
        return after.byteslice(1, after.bytesize)
      end
      @rest = after # nothing, or one backslash whose partner is in the next block
      String.new
    end

    # The mark itself may be cut in two.
    def hold_back(block)
      (MARK.bytesize - 1).downto(1) do |length|
        next unless block.end_with?(MARK.byteslice(0, length))

        @rest = block.byteslice(-length, length)
        return block.byteslice(0, block.bytesize - length)
      end
      block
    end
  end
end
