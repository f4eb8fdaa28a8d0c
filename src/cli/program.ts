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
    ['stanch top', 'which process it is'],
    ['stanch confirm 4711 --for 10m --case CASE', 'whether it leaks, and how fast'],
    ['stanch capture 4711 --count 3 --every 10m -o CASE', 'three dumps of it, with consent'],
    ['stanch diagnose CASE --source .', 'the lines that leak'],
    ['stanch case next CASE', 'what to do next'],
  ])
    .description(
      'Find the leak, prove the fix: memory leaks of Node.js, Go, Ruby and Python services, from the alert to the fix that holds.',
    )
    .version(packageJson.version, '-V, --version', 'show the version');
  for (const [group, commands] of [
    ['Is it a leak, and of which process:', [confirmCommand, checkCommand, topCommand]],
    ['Evidence:', [captureCommand, caseCommand]],
    [
      'The cause:',
      [diagnoseCommand, diffCommand, objectsCommand, objectCommand, pathCommand, profileCommand],
    ],
    ['Win time, prove the fix, hand over:', [mitigateCommand, runCommand, verifyCommand, reportCommand]],
    ['Besides:', [demoCommand]],
  ] as const) {
    program.commandsGroup(group);
    for (const command of commands) program.addCommand(command(context));
  }
  // It goes into the group that is set now.
  return program.helpCommand('help [command]', 'show the help of a command');
}
