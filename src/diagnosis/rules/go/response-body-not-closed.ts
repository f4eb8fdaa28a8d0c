import { isUnreadBody } from '../../go/http-client.ts';
import { notClosed } from '../../go/not-closed.ts';
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
    const places = code ? notClosed(code, REQUEST, '.Body') : [];
    const location = places[0]?.opened;
    const leftAt = places[0]?.leftAt ?? null;
    const alsoSee = [...(leftAt ? [leftAt] : []), ...places.slice(1).map(({ opened }) => opened)];
    const last = study.group.counts.length - 1;
    return {
      fit: 0.99,
      title: 'Bodies of HTTP responses are not closed: each keeps a connection and two goroutines',
      ...(location ? { location } : {}),
      alsoSee: alsoSee.slice(0, 4),
      reasons: [
        `${study.group.counts[last]} connections wait for their response's body to be read or closed, and only ${study.atWork[last]} goroutine${study.atWork[last] === 1 ? '' : 's'} of the service could do so`,
        ...(leftAt
          ? [`the source returns at line ${leftAt.line} before the body of the response is closed`]
          : location
            ? ['the source has a request whose body is never closed']
            : []),
      ],
      against: location ? [] : ['the dump does not tell which request it was'],
      remedy: {
        summary: 'Close the body of every response, also when only the status is of interest.',
        example: 'resp, err := http.Get(url)\nif err != nil {\n\treturn err\n}\ndefer resp.Body.Close()',
      },
    };
  },
};
