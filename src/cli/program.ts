import type { Command } from '@commander-js/extra-typings';
import packageJson from '../../package.json' with { type: 'json' };
import { captureCommand } from './commands/capture.ts';
import { caseCommand } from './commands/case.ts';
import { checkCommand } from './commands/check.ts';
import { confirmCommand } from './commands/confirm.ts';
import { demoCommand } from './commands/demo.ts';
import { diagnoseCommand } from './commands/diagnose.ts';
import { diffCommand } from './commands/diff.ts';
import { mitigateCommand } from './commands/mitigate.ts';
import { objectCommand } from './commands/object.ts';
import { objectsCommand } from './commands/objects.ts';
import { pathCommand } from './commands/path.ts';
import { profileCommand } from './commands/profile.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { topCommand } from './commands/top.ts';
import { verifyCommand } from './commands/verify.ts';
import type { Context } from './context.ts';
import { newCommand } from './new-command.ts';

/** The whole command line. */
export function newProgram(context: Context): Command {
  const program = newCommand('stanch', context, [
    ['stanch diagnose A.heapsnapshot B.heapsnapshot C.heapsnapshot --source .', 'names the lines that leak'],
    ['stanch diff A.heapsnapshot B.heapsnapshot', 'shows what grew'],
    ['stanch demo collabcanvas', 'makes a real service leak, and finds the leak'],
  ])
    .description(
      'Find the leak, prove the fix: memory-leak diagnosis from real dumps of Node.js, Go, Ruby and Python.',
    )
    .version(packageJson.version, '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command');
  for (const command of [
    confirmCommand(context),
    diagnoseCommand(context),
    diffCommand(context),
    objectsCommand(context),
    objectCommand(context),
    pathCommand(context),
    profileCommand(context),
    topCommand(context),
    captureCommand(context),
    caseCommand(context),
    mitigateCommand(context),
    checkCommand(context),
    reportCommand(context),
    runCommand(context),
    verifyCommand(context),
    demoCommand(context),
  ]) {
    program.addCommand(command);
  }
  return program;
}
