# frozen_string_literal: true

require 'json'

module StanchAgent
  # Writes the names side file (docs/agents/ruby-names.md), one JSON object a line.
  class NamesFile
    # The head is written first and completed when the dump is done: it has this much room.
    HEAD_BYTES = 8192
    PLAIN = /\A[\w@$.:?!<>= \/-]*\z/.freeze
    FLUSH_BYTES = 1 << 16

    attr_reader :edges, :classes, :procs, :layouts

    def initialize(path)
      @io = File.open(path, File::WRONLY | File::CREAT | File::EXCL | File::NOFOLLOW, 0o600)
      @io.sync = true
      @buffer = String.new(capacity: FLUSH_BYTES + 4096)
      @edges = @classes = @procs = @layouts = 0
    end

    # One padded line; nil if it does not fit.
    def self.head_line(head)
      line = JSON.generate({ t: 'head', schema: 'stanch/ruby-names@1' }.merge(head))
      line.bytesize < HEAD_BYTES ? "#{line.ljust(HEAD_BYTES - 1 - line.bytesize + line.length)}\n" : nil
    end

    def self.amend_head(path, head)
      line = head_line(head) or return
      File.open(path, File::WRONLY | File::NOFOLLOW) do |io|
        io.pwrite(line, 0)
        io.fsync
      end
    end

    def head(head)
      append(self.class.head_line(head) || self.class.head_line(head.reject { |key, _| key == :gc }))
    end

    def edge(kind, from, name, target, file: nil, line: nil)
      @edges += 1
      text = +%({"t":"edge","kind":"#{kind}")
      text << %(,"from":"#{from}") if from
      text << %(,"name":#{quote(name)},"to":"#{Address.of(target)}")
      text << %(,"file":#{quote(file)},"line":#{line}) if file && line
      append(text << "}\n")
    end

    def class_line(address, name, location)
      @classes += 1
      where = location && location[0] && location[1] ? %(,"file":#{quote(location[0])},"line":#{location[1]}) : ''
      append(%({"t":"class","at":"#{address}","name":#{quote(name)}#{where}}\n))
    end

    # key: ivars, or members for a Struct or Data class
    def layout(class_address, key, names, instances)
      @layouts += 1
      list = names.map { |name| quote(name) }.join(',')
      append(%({"t":"layout","class":"#{class_address}","#{key}":[#{list}],"instances":#{instances}}\n))
    end

    def proc_line(address, kind, location, lambda, locals)
      @procs += 1
      text = +%({"t":"proc","at":"#{address}")
      text << %(,"kind":"#{kind}") unless kind == 'proc'
      text << %(,"file":#{quote(location[0])},"line":#{location[1]})
      text << %(,"lambda":#{lambda}) unless lambda.nil?
      text << %(,"locals":[#{locals.map { |name| quote(name) }.join(',')}]) if locals
      append(text << "}\n")
    end

    def thread(address, name, status)
      append(%({"t":"thread","at":"#{address}","name":#{quote(name)},"status":#{quote(status)}}\n))
    end

    def finish(extra)
      counts = { t: 'end', edges: @edges, classes: @classes, procs: @procs, layouts: @layouts }
      append("#{JSON.generate(counts.merge(extra))}\n")
      flush
      @io.fsync
      @io.close
    end

    private

    def append(text)
      @buffer << text
      flush if @buffer.bytesize >= FLUSH_BYTES
    end

    def flush
      @io.write(@buffer)
      @buffer.clear
    end

    def quote(name)
      text = name.to_s
      return %("#{text}") if PLAIN.match?(text)

      JSON.generate(text.dup.force_encoding(Encoding::UTF_8).scrub('?'))
    rescue StandardError
      '"?"'
    end
  end
end
