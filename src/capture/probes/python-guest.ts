import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { procText } from '../../sources/processes/proc-text.ts';
import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { pythonAgentText } from '../agent-files.ts';
import { CaptureError } from '../capture-error.ts';
import { callByGdb, type GdbObstacle, gdbObstacle, ptraceObstacle, type SafeCall } from './gdb-call.ts';
import { mappedPaths } from './gdb-symbols.ts';
import type { GuestFolder } from './guest-folder.ts';

const REMOTE_EXEC_WITHIN_MS = 10_000;

/** How code is brought into a Python process that was not prepared. */
export interface PythonWay {
  readonly name: 'sys.remote_exec' | 'gdb';
  bring(folder: GuestFolder): Promise<void>;
}

/**
 * Python keeps a list of C functions to be called by its main thread between two instructions, and takes wishes for it at any time (`Py_AddPendingCall`).
 * `PyRun_SimpleString` must not fail there: what it is given catches everything.
 */
const PENDING_CALL: SafeCall = {
  function: 'Py_AddPendingCall',
  arguments: ['PyRun_SimpleString', null],
  succeeded: (value) => value === 0,
};

/** `sys.remote_exec` where the interpreter has it and allows it (3.14, PEP 768), else gdb. */
export function pythonWay(facts: ProcessFacts): PythonWay | GdbObstacle {
  const { pid } = facts;
  const version = pythonVersion(procText(`/proc/${pid}/maps`) ?? '', facts.executable);
  if (version !== null && version < 308) {
    return {
      reason: `Python 3.${version % 100} is too old`,
      hint: 'its memory can be watched: stanch confirm',
    };
  }
  if (version !== null && version >= 314 && allowsRemoteExec(facts) && facts.pidInside === pid) {
    const refused = ptraceObstacle(pid);
    if (refused !== null) return refused;
    return { name: 'sys.remote_exec', bring: (folder) => remoteExec(facts, `${folder.inside}/load.py`) };
  }
  const obstacle = gdbObstacle(pid, PENDING_CALL);
  if (obstacle !== null) return obstacle;
  return {
    name: 'gdb',
    bring: (folder) => callByGdb(pid, PENDING_CALL, pendingText(`${folder.inside}/load.py`)),
  };
}

/**
 * What the process loads: starts a thread of its own, so that the main thread goes on at once, which reads the agent, has it write one dump
 * from a forked child and tells how it went. Nothing of it stays in any module.
 */
export function pythonGuestFiles(inside: string): Record<string, string> {
  const text = (value: string): string => JSON.stringify(value);
  return {
    'stanch_agent.py': pythonAgentText(),
    'load.py': `def stanch_guest(inside):
    import json, os
    result = {"state": "failed"}
    space = {"__name__": "stanch_agent"}
    try:
        os.close(os.open(inside + "/begun", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        path = inside + "/stanch_agent.py"
        with open(path, encoding="utf-8") as file:
            source = file.read()
        exec(compile(source, path, "exec"), space)
        try:
            result = dict(space["dump_once"](inside + "/dump.pygc"), state="done")
        except space["Refused"] as error:
            result = {"state": "refused", "reason": str(error)}
    except BaseException as error:
        result = {"state": "failed", "reason": type(error).__name__ + ": " + str(error)[:200]}
    # Not every service lets the collector run.
    space.clear()
    try:
        fd = os.open(inside + "/result.part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(json.dumps(result))
        os.rename(inside + "/result.part", inside + "/result.json")
    except OSError:
        pass


import _thread
_thread.start_new_thread(stanch_guest, (${text(inside)},))
del stanch_guest, _thread
`,
  };
}

/** Runs in the main thread, in a dictionary of its own; when the file has gone, nothing happens. */
function pendingText(file: string): string {
  const path = JSON.stringify(file);
  return `exec('''
try:
    with open(${path}, encoding="utf-8") as file: source = file.read()
    exec(compile(source, ${path}, "exec"), {"__name__": "stanch_guest"})
except BaseException: pass
''', {})
`;
}

/** The interpreter of the process itself asks it: only one of the same version may. */
async function remoteExec({ pid }: ProcessFacts, script: string): Promise<void> {
  const code = 'import sys; sys.remote_exec(int(sys.argv[1]), sys.argv[2])';
  const child = spawn(`/proc/${pid}/exe`, ['-I', '-S', '-c', code, String(pid), script], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: REMOTE_EXEC_WITHIN_MS,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  const [exit] = (await once(child, 'close')) as [number | null];
  if (exit === 0) return;
  throw new CaptureError(
    `process ${pid}`,
    'connect',
    `sys.remote_exec: ${said.trim().split('\n').at(-1) || 'no answer'}`,
    {
      hint: 'run stanch as the user of the service or as root, or load the agent',
    },
  );
}

/** PEP 768: both switch it off. Of the environment only this name is looked at. */
function allowsRemoteExec({ pid, command }: ProcessFacts): boolean {
  const disabled = /(?:^|\0)PYTHON_DISABLE_REMOTE_DEBUG=[^\0]/.test(procText(`/proc/${pid}/environ`) ?? '');
  return !disabled && !command.some((argument) => /^(-X)?disable[-_]remote[-_]debug$/.test(argument));
}

/** As 311 for 3.11, by the names of what it has mapped; null when they do not tell. */
export function pythonVersion(maps: string, executable: string | null): number | null {
  for (const path of [executable ?? '', ...mappedPaths(maps)]) {
    const found = /(?:\/python|\/libpython|\/lib\/python)(\d)\.(\d+)(?=t?$|t?\.|\/|m)/.exec(path);
    if (found) return Number(found[1]) * 100 + Number(found[2]);
  }
  return null;
}
