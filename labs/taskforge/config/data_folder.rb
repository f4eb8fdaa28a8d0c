require 'fileutils'
require 'tmpdir'

# Where a run keeps its database and its sockets: the folder TASKFORGE_DATA_DIR, or a new one that is removed when Puma's
# master ends. With TASKFORGE_PARENT=stdin the run ends, and its folder goes, when standard input is closed: then
# the program that started it is gone, even if that was killed.
module DataFolder
  GRACE_SECONDS = 10

  def self.prepare
    unless ENV['TASKFORGE_DATA_DIR']
      # Both survive a restart of the master (SIGUSR2), which is an exec of this file.
      ENV['TASKFORGE_DATA_DIR'] = Dir.mktmpdir('taskforge-')
      ENV['TASKFORGE_THROWAWAY'] = '1'
    end
    FileUtils.mkdir_p(ENV['TASKFORGE_DATA_DIR'])
    remove_at_exit if ENV['TASKFORGE_THROWAWAY'] == '1'
    end_with_parent if ENV['TASKFORGE_PARENT'] == 'stdin'
  end

  def self.remove_at_exit
    master = Process.pid
    folder = ENV.fetch('TASKFORGE_DATA_DIR')
    at_exit { FileUtils.rm_rf(folder) if Process.pid == master }
  end

  def self.end_with_parent
    Thread.new do
      $stdin.read
      Process.kill(:TERM, Process.pid)
      sleep GRACE_SECONDS
      FileUtils.rm_rf(ENV.fetch('TASKFORGE_DATA_DIR')) if ENV['TASKFORGE_THROWAWAY'] == '1'
      Process.kill(:KILL, Process.getpgrp == Process.pid ? 0 : Process.pid)
    end
  end

  private_class_method :remove_at_exit, :end_with_parent
end
