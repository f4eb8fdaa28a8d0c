import type { ProcessFacts } from '../../sources/processes/process-facts.ts';
import { pythonAgentText } from '../agent-files.ts';
import { callByGdb, type GdbObstacle, gdbObstacle, ptraceObstacle, type SafeCall } from './gdb-call.ts';
import type { GuestFolder } from './guest-folder.ts';
import { mappedPaths } from './mapped-files.ts';
import { remoteDoor } from './python-remote.ts';

/** How code is brought into a Python process that was not prepared. */
export interface PythonWay {
  readonly name: 'remote debugging' | 'gdb';
  /** Why the other way, which needs no debugger, is not taken; absent before Python 3.14. */
  readonly insteadOf?: string;
  /** @returns what takes the wish back when it has not been seen yet; null where that is not possible */
  bring(folder: GuestFolder): Promise<(() => void) | null>;
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

/** By the door for debuggers that Python 3.14 has of its own, which is that of `sys.remote_exec` (PEP 768), else gdb. */
export function pythonWay({ pid, executable }: ProcessFacts): PythonWay | GdbObstacle {
  const version = pythonVersion(pid, executable);
  if (version !== null && version < 308) {
    return {
      reason: `Python 3.${version % 100} is too old`,
      hint: 'its memory can be watched: stanch confirm',
    };
  }
  const refused = ptraceObstacle(pid);
  if (refused !== null) return refused;
  const door = version !== null && version >= 314 ? remoteDoor(pid) : null;
  if (door !== null && 'ask' in door) {
    return {
      name: 'remote debugging',
      bring: async (folder) => door.ask(`${folder.inside}/load.py`).takeBack,
    };
  }
  const obstacle = gdbObstacle(pid, PENDING_CALL);
  if (obstacle !== null)
    return door === null ? obstacle : { ...obstacle, reason: `${door.closed}, and ${obstacle.reason}` };
  return {
    name: 'gdb',
    ...(door === null ? {} : { insteadOf: door.closed }),
    async bring(folder) {
      await callByGdb(pid, PENDING_CALL, pendingText(`${folder.inside}/load.py`));
      return null;
    },
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
        # Whoever comes second, or when all is over, goes.
        os.close(os.open(inside + "/begun", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        return
    try:
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

/** As 311 for 3.11, by the names of what it has mapped; null when they do not tell. */
export function pythonVersion(pid: number, executable: string | null): number | null {
  for (const path of [executable ?? '', ...mappedPaths(pid)]) {
    const found = /(?:\/python|\/libpython|\/lib\/python)(\d)\.(\d+)(?=t?$|t?\.|\/|m)/.exec(path);
    if (found) return Number(found[1]) * 100 + Number(found[2]);
  }
  return null;
}
