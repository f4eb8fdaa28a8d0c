import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { procText } from '../../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { rubyAgentText } from '../agent-files.ts';
import { CaptureError } from '../capture-error.ts';
import { callByGdb, type GdbObstacle, gdbObstacle, type SafeCall } from './gdb-call.ts';
import type { GuestFolder } from './guest-folder.ts';
import { mappedPaths } from './mapped-files.ts';
import { programInPath } from './program-in-path.ts';
import { threadThatGoesOn } from './thread-that-goes-on.ts';

const RBTRACE_WITHIN_MS = 20_000;
/** The command of rbtrace, run as root, raises this for the whole machine and leaves it so. */
const QUEUE_SETTING = '/proc/sys/kernel/msgmnb';

/** How code is brought into a Ruby process that was not prepared for Stanch. */
export interface RubyWay {
  readonly name: 'rbtrace' | 'gdb';
  bring(folder: GuestFolder): Promise<void>;
}

/**
 * Ruby runs what was registered so between two instructions, outside of any garbage collection. Evaluating anything at once instead was
 * seen to crash 6 processes of 12.
 */
const POSTPONED_JOB: SafeCall = {
  guard: 'ruby_native_thread_p',
  // Not `…_one`: a job that an earlier try has left would stay in the place of this one. What is left finds no file, and does nothing.
  function: 'rb_postponed_job_register',
  arguments: [0, 'rb_eval_string', null],
  succeeded: (value) => value === 1,
};

/** rbtrace where the process has it loaded and its command is here, else gdb. */
export function rubyWay({ pid, uid, pidInside }: ProcessFacts): RubyWay | GdbObstacle {
  const hasRbtrace = mappedPaths(pid).some((path) => /\/rbtrace(\.so|\/)/.test(path));
  if (hasRbtrace && pidInside === pid && programInPath('rbtrace')) {
    return { name: 'rbtrace', bring: (folder) => byRbtrace(pid, uid, folder) };
  }
  return (
    gdbObstacle(pid, POSTPONED_JOB) ?? {
      name: 'gdb',
      bring: (folder) => registerByGdb(pid, loadText(folder.inside)),
    }
  );
}

/**
 * Ruby leaves the job to the thread that registers it (3.0 to 3.2; 3.3 and 3.4 were seen to), which must run again for it. Puma's main thread sleeps until the server ends; the one that
 * waits for connections is woken by the next, also by one of ours. Threads of others (gRPC's) may wait so, too: the guard knows them.
 */
async function registerByGdb(pid: number, text: string): Promise<void> {
  const thread = threadThatGoesOn(pid);
  try {
    await callByGdb(pid, { ...POSTPONED_JOB, thread }, text);
  } catch (error) {
    if (thread === pid || procText(`/proc/${pid}/status`) === null) throw error;
    await callByGdb(pid, POSTPONED_JOB, text);
  }
}

/**
 * What the process loads: the agent, of which nothing is armed, hooked or started. Its module stays for the next capture: in Ruby 3.1 method
 * caches were seen to keep each of several anonymous ones.
 */
export function rubyGuestFiles(inside: string): Record<string, string> {
  return { 'stanch_agent.rb': rubyAgentText(), 'start.rb': startText(inside) };
}

/**
 * May run where a signal handler may: only starts a thread, in which loading and locking are allowed. All names begin at the top: what is evaluated
 * stands in whatever module was at work at that moment (in Rails, `JSON` was `ActiveSupport::JSON` now and then).
 */
function startText(inside: string): string {
  return `begin
  ::Thread.new(${rubyText(inside)}) do |inside|
    ::Thread.current.report_on_exception = false
    ::Thread.current.name = 'stanch guest'
    # Whoever comes second, or when all is over, goes: without an exception, since a service may end itself for one in any thread.
    begin
      ::File.open(inside + '/begun', ::File::WRONLY | ::File::CREAT | ::File::EXCL, 0600) { }
      begin
        ::Kernel.load(inside + '/stanch_agent.rb') unless defined?(::StanchAgent) && ::StanchAgent.respond_to?(:dump_once)
        text = ::JSON.generate(::StanchAgent.dump_once(inside + '/dump.json'))
      rescue ::Exception => error
        reason = (error.class.to_s + ': ' + error.message)[0, 200].gsub(/[^ -!#-\\[\\]-~]/, '?')
        text = '{"state":"failed","reason":"' + reason + '"}'
      end
      ::File.open(inside + '/result.part', ::File::WRONLY | ::File::CREAT | ::File::EXCL, 0600) { |file| file.write(text) }
      ::File.rename(inside + '/result.part', inside + '/result.json')
    rescue ::SystemCallError
    end
  end
rescue ::Exception
end
nil
`;
}

/** Short, since it has to fit into a message of rbtrace. When the file has gone, nothing happens. */
function loadText(inside: string): string {
  return `begin; ::TOPLEVEL_BINDING.eval(::File.read(${rubyText(`${inside}/start.rb`)})); rescue ::Exception; end; nil`;
}

/** As the user of the process: so the command may not change the machine's settings. Where that is root, they are put back. */
async function byRbtrace(pid: number, uid: number, folder: GuestFolder): Promise<void> {
  const before = procText(QUEUE_SETTING);
  const isRoot = process.getuid?.() === 0;
  const child = spawn('rbtrace', ['-p', String(pid), '-e', loadText(folder.inside)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RBTRACE_WITHIN_MS,
    cwd: '/tmp',
    ...(isRoot && uid !== 0 ? { uid } : {}),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
  }
  const [exit] = (await once(child, 'close')) as [number | null];
  const after = procText(QUEUE_SETTING);
  if (isRoot && before !== null && after !== before) writeFileSync(QUEUE_SETTING, before);
  if (exit === 0 && !/timed out|could not|not attach/i.test(said)) return;
  throw new CaptureError(
    `process ${pid}`,
    'connect',
    `rbtrace: ${said.trim().split('\n').at(-1) || 'no answer'}`,
    {
      hint: 'another rbtrace may be attached; a server that has taken SIGURG for itself (Puma with fork_worker) cannot be reached so',
    },
  );
}

function rubyText(value: string): string {
  return `'${value.replaceAll(/['\\]/g, '\\$&')}'`;
}
