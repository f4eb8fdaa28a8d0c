import { pythonFactsOf } from '../../../formats/python-gc/facts.ts';
import { pythonCode } from '../../named/python-code.ts';
import { openDescriptors } from '../../named/python-descriptors.ts';
import type { Rule } from '../rule.ts';

const FILE =
  /(?:^|\.)(?:FileIO|BufferedReader|BufferedWriter|BufferedRandom|BufferedRWPair|TextIOWrapper|_TemporaryFileWrapper|ZipFile|TarFile|mmap|DirEntry|ScandirIterator|AsyncTextIOWrapper|AsyncBufferedReader)$/;

/** Files that are opened, kept and never closed: the process runs out of descriptors before it runs out of memory. */
export const fileDescriptorLeak: Rule = {
  id: 'file-descriptor-leak',
  runtime: 'python',
  pattern: 'file-descriptor-leak',
  match({ group, members, graph }) {
    const found = members.classes.filter(({ name }) => FILE.test(name));
    if (found.length === 0) return null;
    const code = pythonCode(group.owner, members.keyPatterns, graph);
    return {
      fit: 0.91,
      title: `Files (${found.map(({ name }) => name).join(', ')}) are opened and never closed, kept by ${group.owner.text}`,
      adds: null,
      code: { ...code, makes: [...(code.makes ?? []), /\b(?:open|fdopen|NamedTemporaryFile|ZipFile)\s*\(/] },
      reasons: [
        'each open file holds a descriptor and a buffer; what the buffer holds is not on the disk yet',
        ...openDescriptors(pythonFactsOf(graph)),
      ],
      against: [],
      remedy: {
        summary: 'Close each file where its work ends, best with `with`; keep at most a fixed number open.',
        example: "with open(path, 'a') as log:\n    log.write(line)",
      },
    };
  },
};
