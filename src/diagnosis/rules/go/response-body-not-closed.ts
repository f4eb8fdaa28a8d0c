import type { FindingLocation } from '../../../model/finding.ts';
import type { GoCode } from '../../go/go-code.ts';
import { isUnreadBody } from '../../go/http-client.ts';
import type { GoRule } from '../../go/rule.ts';

const REQUEST =
  /\b(\w+)\s*,\s*\w+\s*:?=\s*(?:http\.(?:Get|Head|Post|PostForm)|[\w.]*[cC]lient\w*(?:\(\))?\.(?:Do|Get|Head|Post|PostForm)|[\w.]*(?:[tT]ransport|rt)\.RoundTrip)\(/;

/** HTTP responses whose body is neither read to the end nor closed: each keeps its connection and two goroutines. */
export const responseBodyNotClosed: GoRule = {
  id: 'response-body-not-closed',
  runtime: 'go',
  pattern: 'response-body-not-closed',
  match({ study, code }) {
    if (!isUnreadBody(study)) return null;
    const places = code ? requestsWithoutClose(code) : [];
    const [location, ...alsoSee] = places;
    const last = study.group.counts.length - 1;
    return {
      fit: 0.99,
      title: 'Bodies of HTTP responses are not closed: each keeps a connection and two goroutines',
      ...(location ? { location } : {}),
      alsoSee: alsoSee.slice(0, 4),
      reasons: [
        `${study.group.counts[last]} connections wait for their response's body to be read or closed, and only ${study.atWork[last]} goroutines of the service could do so`,
        ...(location ? ['the source has a request whose body is never closed'] : []),
      ],
      against: location ? [] : ['the dump does not tell which request it was'],
      remedy: {
        summary: 'Close the body of every response, also when only the status is of interest.',
        example: 'resp, err := http.Get(url)\nif err != nil {\n\treturn err\n}\ndefer resp.Body.Close()',
      },
    };
  },
};

/** Requests in functions that neither close a body nor hand the response on. */
function requestsWithoutClose(code: GoCode): FindingLocation[] {
  return code.matcher
    .search(REQUEST)
    .filter(({ file, line, text }) => {
      if (!file.endsWith('.go') || file.endsWith('_test.go')) return false;
      const name = REQUEST.exec(text)![1]!;
      const fn = code.functionAround(file, line);
      if (name === '_') return true;
      if (fn === null) return false;
      const rest = code.lines(file, fn.firstLine, fn.lastLine).join('\n');
      const closes = new RegExp(`\\b${name}\\.Body\\.Close\\b`).test(rest);
      const handsOn = new RegExp(
        `\\breturn\\b[^\\n]*\\b${name}\\b(?!\\.(?:Status|Header|Content))|[(,]\\s*${name}(?:\\.Body)?\\s*[,)]`,
      ).test(rest);
      return !closes && !handsOn;
    })
    .map(({ file, line }) => ({ file, line, role: 'adds' as const }));
}
