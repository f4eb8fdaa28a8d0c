import { addEvidence } from '../add-evidence.ts';
import { newCase } from '../case-folder.ts';
import { log } from '../case-view.ts';

/*
 * A process for tests to kill: does what the command line does, and says on its standard output what it has acknowledged.
 * Arguments: new|log|add, the case folder, a text or a file, and how often.
 */
const [what, folder = '', argument = '', times = '1'] = process.argv.slice(2);
process.stdout.write('ready\n');
for (let turn = 0; turn < Number(times); turn++) {
  if (what === 'new') await newCase(folder, { title: argument });
  else if (what === 'log') await log(folder, { kind: 'note', text: `${argument} ${turn}` });
  else await addEvidence(folder, [`${argument}-${turn}`]);
  process.stdout.write(`done ${turn}\n`);
}
