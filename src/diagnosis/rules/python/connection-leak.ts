import { pythonFactsOf } from '../../../formats/python-gc/facts.ts';
import { pythonCode } from '../../named/python-code.ts';
import { openDescriptors } from '../../named/python-descriptors.ts';
import type { Rule } from '../rule.ts';

const CONNECTION =
  /(?:^|\.)(?:\w*Connection|connection|_?[Ss]ocket|SSLSocket|[Cc]ursor|Statement|StreamWriter|StreamReader|ClientSession|AsyncClient|_SelectorSocketTransport|_SelectorTransport|Channel|Redis|Session)$/;
/** A `Session` is a connection only where its class comes from a library that connects. */
const CONNECTS =
  /^(?:requests|httpx|aiohttp|sqlalchemy|boto3|botocore|cassandra|neo4j|paramiko)\.|^(?!.*(?:^|\.)Session$)/;

/** Connections or statements that are opened and never closed. Most of their memory is C's own. */
export const connectionLeak: Rule = {
  id: 'connection-leak',
  runtime: 'python',
  pattern: 'connection-leak',
  match({ group, members, graph }) {
    const found = members.classes.filter(({ name }) => CONNECTION.test(name) && CONNECTS.test(name));
    if (found.length === 0) return null;
    const names = found.map(({ name }) => name).join(', ');
    const code = pythonCode(group.owner, members.keyPatterns, graph);
    return {
      fit: 0.91,
      title: `${names} are opened and never closed, kept by ${group.owner.text}`,
      adds: null,
      code: {
        ...code,
        makes: [
          ...(code.makes ?? []),
          /\b(?:connect|socket|create_connection|open_connection|cursor|Session|ClientSession|AsyncClient)\s*\(/,
        ],
      },
      reasons: [
        'a connection holds memory of C code that no Python tool counts, and a descriptor',
        ...openDescriptors(pythonFactsOf(graph)),
      ],
      against: [],
      remedy: {
        summary: 'Close it on every way out, best with `with`, or take it from a pool with a limit.',
        example: 'with closing(sqlite3.connect(path)) as db:\n    ...',
      },
    };
  },
};
