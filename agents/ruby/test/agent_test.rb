# frozen_string_literal: true

# The agent in a plain process. Run by agent.test.ts; by hand: ruby agents/ruby/test/agent_test.rb
$LOAD_PATH.unshift File.expand_path('../lib', __dir__)
require 'minitest/autorun'
require 'stringio'
require 'tmpdir'
require 'stanch_agent'

class Lines
  attr_reader :all

  def initialize
    @all = []
  end

  %i[info warn].each { |level| define_method(level) { |text| @all << text } }
end

class CallsNothing < BasicObject
  def self.touched
    @touched ||= []
  end

  def method_missing(name, *)
    ::CallsNothing.touched << name
    ::Kernel.raise "#{name} was called on an object of the application"
  end

  def respond_to_missing?(*)
    true
  end
end

class Holder
  attr_accessor :kept

  def initialize
    @proxy = CallsNothing.new
    @kept = ['kept']
  end

  def class
    raise 'class was called'
  end

  def to_s
    raise 'to_s was called'
  end
  alias inspect to_s
  alias instance_variables to_s
  alias hash to_s
end

class Vault
  SECRETS = { key: 'sesame-open' } # rubocop:disable Style/MutableConstant
  private_constant :SECRETS
  @@shared = ['class variable']
end

Point = Struct.new(:label, :place)

class AgentTest < Minitest::Test
  def setup
    @home = Dir.mktmpdir('stanch-agent')
    @folder = File.join(@home, 'dumps')
    @lines = Lines.new
  end

  def teardown
    StanchAgent.stop
    FileUtils.rm_rf(@home)
    GC.start
  end

  def start(**options)
    StanchAgent.start(folder: @folder, cool_down: 0, logger: @lines, memory_share: 0, **options)
  end

  def result(path = nil, **options)
    StanchAgent.dump(path, **options).wait(60) || flunk('no result in a minute')
  end

  def done(*args, **options)
    result(*args, **options).tap { |found| assert_equal 'done', found[:state], found.inspect }
  end

  # In a process of its own: what is read here would be in the next dump.
  def apart
    reader, writer = IO.pipe
    pid = fork do
      writer.write(Marshal.dump(yield))
      exit!(0)
    end
    writer.close
    Marshal.load(reader.read)
  ensure
    reader.close
    Process.wait(pid)
  end

  def names(found)
    File.foreach(found[:names]).map { |line| JSON.parse(line) }
  end

  def types(path, wanted)
    apart { File.foreach(path).map { |line| JSON.parse(line).values_at('address', 'type') }.to_h.slice(*wanted) }
  end

  def dangling(path)
    apart do
      known = {}
      used = {}
      File.foreach(path) do |line|
        record = JSON.parse(line)
        known[record['address']] = true
        (record['references'] || []).each { |address| used[address] = true }
      end
      used.keys.reject { |address| known.key?(address) }
    end
  end

  def status
    JSON.parse(File.read(File.join(@folder, "stanch-#{Process.pid}.status.json")))
  end

  def wait_for(what)
    1500.times { return if yield; sleep 0.02 }
    flunk("#{what} did not come")
  end

  def left_over
    Dir.children(@folder).grep(/part/)
  end

  def test_a_busy_process_gives_dumps_without_dangling_references
    start
    stop = false
    busy = Thread.new { (Array.new(200) { |i| { i => "x#{i}" } }; sleep 0.0005) until stop }
    paths = Array.new(2) { done[:path] }
    stop = true
    busy.join
    paths.each { |path| assert_empty dangling(path) }
  end

  def test_files_are_private_and_nothing_temporary_stays
    start
    found = done
    [found[:path], found[:names], File.join(@folder, "stanch-#{Process.pid}.status.json")].each do |path|
      assert_equal 0o600, File.stat(path).mode & 0o777, path
    end
    assert_equal 0o700, File.stat(@folder).mode & 0o777
    assert_empty left_over
  end

  def test_names_of_variables_constants_globals_and_locals_agree_with_the_dump
    start
    $stanch_test_global = ['global'] # rubocop:disable Style/GlobalVars
    holder = Holder.new
    point = Point.new('label', ['place'])
    captured = ['captured']
    handler = -> { captured }
    queue = Queue.new
    thread = Thread.new do
      Thread.current[:fiber_local] = ['fiber']
      Thread.current.thread_variable_set(:thread_local, ['thread'])
      queue.pop
    end
    Thread.pass until thread.thread_variable_get(:thread_local)
    found = done
    edges = names(found).select { |line| line['t'] == 'edge' }
    types = types(found[:path], edges.map { |edge| edge['to'] })
    expect = lambda do |kind, name, type|
      edge = edges.find { |line| line['kind'] == kind && line['name'] == name } or flunk("no #{kind} #{name}")
      assert_equal type, types.fetch(edge['to']), name
      edge
    end
    expect.call('global', '$stanch_test_global', 'ARRAY')
    expect.call('ivar', '@kept', 'ARRAY')
    expect.call('cvar', '@@shared', 'ARRAY')
    assert_equal __FILE__, expect.call('const', 'SECRETS', 'HASH')['file']
    expect.call('member', 'place', 'ARRAY')
    expect.call('fiberlocal', 'fiber_local', 'ARRAY')
    expect.call('threadlocal', 'thread_local', 'ARRAY')
    expect.call('local', 'captured', 'ARRAY')
    vault = names(found).find { |line| line['t'] == 'class' && line['name'] == 'Vault' }
    assert_equal File.foreach(__FILE__).find_index("class Vault\n") + 1, vault['line']
    assert_equal 'head', names(found).first['t']
    assert_equal [true, edges.length], names(found).last.values_at('complete', 'edges')
    assert handler && holder && point
    assert_empty CallsNothing.touched
  ensure
    queue << 1
    thread.join
  end

  def test_many_instances_give_a_layout
    start
    many = Array.new(100) { |i| Holder.new.tap { |holder| holder.instance_variable_set(:@late, [i]) if i == 50 } }
    layout = names(done).find { |line| line['t'] == 'layout' && line['ivars']&.include?('@kept') }
    assert_equal %w[@proxy @kept], layout['ivars'].first(2)
    assert_operator layout['instances'], :>=, many.length
  end

  def test_the_head_tells_what_it_cost_and_what_was_set
    start
    head = names(done).first
    assert_equal %w[childMs forkMs longestStallBeforeMs longestStallMs namesMs namesPrivateDirtyBytes privateDirtyBytes],
                 head['cost'].keys.sort
    assert_equal [Process.pid, RUBY_VERSION, 'plain', false], head.values_at('pid', 'ruby', 'role', 'gcDisabled')
    assert_operator head['rssAfterTrim'], :<=, head['rss'] if head['allocator'] == 'glibc'
    refute GC.enable, 'the collector was left switched off'
    assert @lines.all.any? { |line| line =~ /\A\[HEAP_DUMP\] path=\S+ bytes=\d+ fork_ms=[\d.]+ child_ms=[\d.]+ / }, @lines.all.inspect
  end

  def test_a_service_that_keeps_its_collector_off_keeps_it_off
    start
    GC.disable
    assert names(done).first['gcDisabled']
    assert GC.disable
  ensure
    GC.enable
  end

  def test_values_left_out_reach_no_file
    start
    kept = ["zebra-#{'crossing' * 40}\"\\"]
    plain = done
    assert File.read(plain[:path]).include?('zebra-crossing')
    found = done(values: false)
    text = File.read(found[:path])
    refute text.include?('crossing')
    refute text.include?('"value":')
    assert_empty dangling(found[:path])
    assert_equal true, names(found).first['valuesLeftOut']
    packed = done(values: false, gz: true)
    assert packed[:path].end_with?('.json.gz')
    refute Zlib::GzipReader.open(packed[:path], &:read).include?('crossing')
    assert_equal packed[:path].sub('.json.gz', '.names.jsonl'), packed[:names]
    assert kept
  end

  def test_what_the_service_leaves_out_no_request_brings_back
    start(values: false)
    refute File.read(done(values: true)[:path]).include?('"value":')
  end

  def test_the_filter_gives_the_same_however_the_stream_is_cut
    lines = ['{"address":"0x1", "type":"STRING", "value":"", "memsize":40}',
             '{"address":"0x2", "type":"STRING", "bytesize":9, "value":"a\\"b\\\\", "encoding":"UTF-8"}',
             '{"address":"0x3", "type":"STRING", "value":"\\"value\\":\\"x\\", \\\\\\"", "memsize":1}',
             "{\"address\":\"0x4\", \"type\":\"STRING\", \"value\":\"#{'long\\u0001' * 50}\", \"flags\":{}}",
             '{"address":"0x5", "type":"HASH", "references":["0x1", "0x2"]}'].map { |line| "#{line}\n" }
    text = lines.join
    expected = lines.map { |line| JSON.generate(JSON.parse(line).tap { |record| record.delete('value') }) }
    (1..text.bytesize).each do |size|
      filter = StanchAgent::ValueFilter.new
      out = text.b.scan(/.{1,#{size}}/mn).map { |block| filter.push(block).dup }.join + filter.finish
      assert_equal expected, out.lines.map { |line| JSON.generate(JSON.parse(line)) }, "cut every #{size} bytes"
    end
  end

  def test_no_exit_handler_runs_in_the_child_and_no_hook_of_another_library
    marker = File.join(@home, 'marker')
    parent = Process.pid
    at_exit { File.write(marker, 'exit') unless Process.pid == parent || !Dir.exist?(File.dirname(marker)) }
    armed = true # the hook stays for the tests that follow
    hook = Module.new { define_method(:_fork) { super().tap { |pid| File.write(marker, 'hook') if pid == 0 && armed } } }
    Process.singleton_class.prepend(hook) if Process.respond_to?(:_fork)
    start
    done
    armed = false
    refute File.exist?(marker)
  end

  def test_sockets_are_closed_in_the_child_without_a_byte
    require 'socket'
    start
    here, there = UNIXSocket.pair
    slow = Thread.new { result }
    # While the child lives, closing this end must reach the other one.
    wait_for('the child') { slow.stop? && !Dir.children(@folder).grep(/part/).empty? }
    here.close
    assert_nil there.gets
    assert_equal 'done', slow.value[:state]
  end

  def test_a_second_dump_within_the_cool_down_is_refused
    start(cool_down: 100)
    done
    refused = result
    assert_equal 'refused', refused[:state]
    assert_match(/less than 100 s ago: \d+ s left/, refused[:reason])
    assert_equal 1, Dir.children(@folder).grep(/\.json\z/).grep_v(/status/).length
  end

  def test_dumps_beyond_the_number_kept_go_but_never_the_first
    start(keep: 3)
    paths = Array.new(5) { done[:path] }
    assert_equal [paths[0], paths[3], paths[4]], Dir.glob("#{@folder}/*Z.json").sort
    assert_equal 3, Dir.glob("#{@folder}/*.names.jsonl").length
  end

  def test_too_little_memory_or_disk_is_a_refusal_with_figures
    start(memory_share: 1e6)
    assert_match(/free memory \d+ MB is less than \d+ MB/, result[:reason])
    result = StanchAgent::Preflight::Result.new(nil, 1, 1, 5 << 20, 1, 1 << 30, 0)
    assert_match(/free disk 5 MB/, StanchAgent::Preflight.low_disk(result, '/x'))
  end

  def test_a_path_that_is_there_is_not_written_over
    start
    path = File.join(@home, 'mine.json')
    File.write(path, 'mine')
    assert_match(/is there already/, result(path)[:reason])
    assert_equal 'mine', File.read(path)
  end

  def test_a_child_that_takes_too_long_is_ended_and_leaves_nothing
    start(dump_seconds: 0.01)
    found = result
    assert_equal 'failed', found[:state]
    assert_match(/longer than 0.01 s/, found[:reason])
    assert_empty left_over
    assert_raises(Errno::ECHILD) { Process.wait(-1, Process::WNOHANG) }
  end

  def test_a_master_is_refused_before_anything_is_done
    assert_match(/puma master.*ask one of its workers/, StanchAgent::Preflight.wrong_process('puma-master'))
    assert_nil StanchAgent::Preflight.wrong_process('puma-worker')
    before = $PROGRAM_NAME
    { 'unicorn master -c x' => 'unicorn-master', 'unicorn_rails worker[1] -c' => 'unicorn-worker',
      'puma: cluster worker 1: 77 [app]' => 'puma-worker', 'sidekiq 6.5.8 app [0 of 10 busy]' => 'sidekiq',
      'resque-2.4.0: Forked 123 at 1700000000' => 'resque-parent' }.each do |title, role|
      assert_equal role, StanchAgent::Role.by_title(title)
    end
    assert_equal before, $PROGRAM_NAME
  end

  def test_the_signal_gives_a_dump_and_the_request_file_its_wishes
    start
    wait_for('the status file') { File.exist?(File.join(@folder, "stanch-#{Process.pid}.status.json")) }
    StanchAgent.agent.folder.write_request(Process.pid, { gz: true, values: false, id: 'case-7' })
    Process.kill(status['signal'], Process.pid)
    wait_for('the dump') { status['handled'] == 1 }
    last = status['last']
    assert_equal ['done', 'signal', 'case-7'], last.values_at('state', 'by', 'id')
    assert last['path'].end_with?('.json.gz')
  end

  def test_a_request_to_collect_collects_and_takes_no_dump
    start
    wait_for('the status file') { File.exist?(File.join(@folder, "stanch-#{Process.pid}.status.json")) }
    assert_includes status['offers'], 'collect'
    GC.disable
    garbage = Array.new(50_000) { |i| +"garbage number #{i} that nobody holds" }
    slots = garbage.size
    garbage = nil # rubocop:disable Lint/UselessAssignment
    StanchAgent.agent.folder.write_request(Process.pid, { act: 'collect', trim: true, measure: true, id: 'c-1' })
    Process.kill(status['signal'], Process.pid)
    wait_for('the collection') { status['lastCollection'] }
    last = status['lastCollection']
    assert_equal ['done', 'signal', 'c-1'], last.values_at('state', 'by', 'id')
    assert_operator last['before']['liveObjects'] - last['after']['liveObjects'], :>, slots / 2
    assert_operator last['after']['liveBytes'], :>, 1_000_000
    assert_operator last['tookMs'], :>, 0
    assert_nil status['last']
    assert_empty Dir.children(@folder).grep(/json(\.gz)?\z/).reject { |name| name.end_with?('.status.json') }
  ensure
    GC.enable
  end

  def test_collections_take_no_more_than_their_share_of_the_time
    StanchAgent.start(folder: @folder, cool_down: 60, logger: @lines, memory_share: 0)
    assert_equal 'done', StanchAgent.agent.collect[:state]
    again = StanchAgent.agent.collect
    assert_equal 'refused', again[:state]
    assert_match(/20th of the time/, again[:reason])
    assert_operator again[:waitSeconds], :>, 0
  end

  def test_without_a_cool_down_collections_follow_each_other
    start
    2.times { assert_equal 'done', StanchAgent.agent.collect[:state] }
  end

  def test_a_master_collects_nothing
    start
    StanchAgent.agent.define_singleton_method(:role) { 'puma-master' }
    refused = StanchAgent.agent.collect
    assert_equal 'refused', refused[:state]
    assert_match(/ask one of its workers/, refused[:reason])
  end

  def test_a_signal_that_somebody_uses_is_passed_over
    seen = []
    before = Signal.trap('URG') { seen << :mine }
    start(signal: 'TERM')
    refute_includes [nil, 'URG', 'TERM'], StanchAgent.agent.signal
    assert_equal 'has a handler', StanchAgent.status[:signalsPassedOver]['URG']
    assert_equal 'is used by the system or Ruby', StanchAgent.status[:signalsPassedOver]['TERM']
    Process.kill('URG', Process.pid)
    wait_for('the old handler') { seen == [:mine] }
  ensure
    Signal.trap('URG', before || 'DEFAULT')
  end

  def test_a_server_that_takes_the_signal_after_start_keeps_it_after_a_fork
    start
    assert_equal 'URG', StanchAgent.agent.signal
    Signal.trap('URG') { nil }
    reader, writer = IO.pipe
    pid = fork do
      writer.write(StanchAgent.agent.signal.to_s)
      exit!(0)
    end
    Process.wait(pid)
    writer.close
    refute_includes ['URG', ''], reader.read
  ensure
    Signal.trap('URG', 'DEFAULT')
  end

  def test_a_forked_child_listens_for_itself
    start
    pid = fork { sleep 30 }
    path = File.join(@folder, "stanch-#{pid}.status.json")
    wait_for('its status file') { File.exist?(path) }
    Process.kill(JSON.parse(File.read(path))['signal'], pid)
    wait_for('its dump') { JSON.parse(File.read(path))['handled'] == 1 }
    assert_equal 'done', JSON.parse(File.read(path))['last']['state']
    assert_empty dangling(JSON.parse(File.read(path))['last']['path'])
  ensure
    Process.kill(:KILL, pid)
    Process.wait(pid)
  end

  def test_start_twice_is_once_and_an_unknown_option_is_an_error
    assert_same start, start
    StanchAgent.stop
    assert_raises(ArgumentError) { start(tokn: 'x') }
  end

  def test_a_folder_that_others_can_read_is_refused_and_the_service_goes_on
    Dir.mkdir(@folder, 0o755)
    File.chmod(0o755, @folder)
    _, err = capture_io { assert_nil start }
    assert_match(/can be read by others/, err)
    FileUtils.rmdir(@folder)
    File.symlink('/tmp', @folder)
    capture_io { assert_nil start }
  end

  def test_tracing_is_announced_ends_by_itself_and_names_files
    start
    made = nil
    window = StanchAgent.trace(1, dump: true)
    made = Array.new(3) { Object.new }
    assert_equal 'done', window.value[:state]
    refute StanchAgent.status[:tracing]
    assert_nil ObjectSpace.allocation_sourcefile(Object.new)
    found = StanchAgent.agent.last
    assert names(found).first['traced']
    assert(File.foreach(found[:path]).any? { |line| line.include?('"type":"OBJECT"') && line.include?(%("file":"#{__FILE__}")) })
    assert(@lines.all.any? { |line| line.include?('trace=on') && line.include?('cost=') })
    assert made
  end

  def test_high_memory_is_said_when_the_threshold_is_passed_and_at_every_further_tenth
    passed = 0
    settings = StanchAgent::Settings.new(env: { 'STANCH_HIGH_MEMORY_MB' => '100' })
    watch = StanchAgent::MemoryWatch.new(settings, StanchAgent::Log.new(@lines), role: 'plain') { passed += 1 }
    [99, 100, 101, 109, 111, 112, 90, 130].each { |mb| watch.look(mb << 20) }
    assert_equal 3, @lines.all.length
    assert_match(/\A\[HIGH_MEMORY\] pid=\d+ role=plain rss_mb=100 threshold_mb=100 /, @lines.all.first)
    assert_equal 1, passed
  end

  def test_the_watch_is_on_when_the_checklist_says_so
    ENV['ENABLE_MEMORY_DEBUGGING'] = 'true'
    start(high_memory_mb: 1)
    wait_for('the line') { @lines.all.any? { |line| line.start_with?('[HIGH_MEMORY]') } }
  ensure
    ENV.delete('ENABLE_MEMORY_DEBUGGING')
  end

  def test_the_endpoint_is_off_without_a_token_and_closed_without_the_right_one
    app = StanchAgent::Middleware.new(->(_env) { [200, {}, ['the application']] })
    get = ->(headers = {}) { app.call({ 'REQUEST_METHOD' => 'GET', 'PATH_INFO' => '/__stanch/status', 'QUERY_STRING' => '' }.merge(headers)) }
    assert_equal ['the application'], get.call[2]
    start(token: 'too-short')
    assert_equal ['the application'], get.call({ 'HTTP_X_STANCH_TOKEN' => 'too-short' })[2]
    StanchAgent.stop
    token = 'a-token-long-enough'
    start(token: token)
    assert_equal 401, get.call[0]
    assert_equal 401, get.call({ 'HTTP_X_STANCH_TOKEN' => "#{token}x" })[0]
    assert_equal 200, get.call({ 'HTTP_X_STANCH_TOKEN' => token })[0]
    code, _, body = get.call({ 'HTTP_AUTHORIZATION' => "Bearer #{token}" })
    assert_equal [200, Process.pid], [code, JSON.parse(body.join)['pid']]
    assert_equal 401, get.call({ 'HTTP_X_STANCH_TOKEN' => '' })[0]
  end
end
