import { pythonCode } from '../../named/python-code.ts';
import type { Rule } from '../rule.ts';

const CONNECTION =
  /(?:^|\.)(?:Connection|_?[Ss]ocket|SSLSocket|Cursor|Statement|StreamWriter|ClientSession|HTTPConnection|HTTPSConnection|FileIO|BufferedReader|BufferedWriter|TextIOWrapper|_SelectorSocketTransport|Channel)$/;

/** Connections, statements or files that are opened and never closed. Most of their memory is C's own. */
export const connectionLeak: Rule = {
  id: 'connection-leak',
  runtime: 'python',
  pattern: 'connection-leak',
  match({ group, members }) {
    const found = members.classes.filter(({ name }) => CONNECTION.test(name));
    if (found.length === 0) return null;
    const names = found.map(({ name }) => name).join(', ');
    return {
      fit: 0.91,
      title: `${names} are opened and never closed, kept by ${group.owner.text}`,
      adds: null,
      code: {
        ...pythonCode(group.owner, members.keyPatterns),
        makes: [
          /\b(?:connect|open|socket|create_connection|open_connection|cursor|Session|ClientSession)\s*\(/,
        ],
      },
      reasons: ['a connection holds memory of C code that no Python tool counts, and a descriptor'],
      against: [],
      remedy: {
        summary: 'Close it on every way out, best with `with`, or take it from a pool with a limit.',
        example: 'with closing(sqlite3.connect(path)) as db:\n    ...',
      },
    };
  },
};
