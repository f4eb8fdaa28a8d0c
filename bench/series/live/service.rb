# As service.js: live slots of the heap stand for its use.
leaks = ARGV[0] == 'leak'
seconds = ARGV[1].to_f
sessions = {}
kept = []
number = 0
started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
due = started
$stdout.sync = true
loop do
  now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  break if now - started > seconds
  20.times do
    number += 1
    rows = Array.new(60) { |row| "row #{number} #{row}" }
    sessions[number] = rows.first(10)
    sessions.delete(number - 3000)
    kept << rows.first(4) if leaks
  end
  sleep 0.004
  next if now < due
  due += 0.1
  rss = File.read('/proc/self/statm').split[1].to_i * 4096
  puts "#{(Time.now.to_f * 1000).to_i} #{GC.stat(:heap_live_slots) * 40} #{rss}"
end
