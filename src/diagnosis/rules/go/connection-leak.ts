import { isClientConnection, isUnreadBody } from '../../go/http-client.ts';
import type { GoRule } from '../../go/rule.ts';

const NEW_TRANSPORT = /&?http\.Transport\s*\{|\.Clone\(\)/;

/** Connections of Go's HTTP client that gather without a body being open: as a rule a transport is made for each request. */
export const connectionLeak: GoRule = {
  id: 'connection-leak',
  runtime: 'go',
  pattern: 'connection-leak',
  match({ study, code }) {
    if (!isClientConnection(study) || isUnreadBody(study)) return null;
    const made = (code?.matcher.search(NEW_TRANSPORT) ?? []).filter(({ file, line, text }) => {
      if (!file.endsWith('.go') || file.endsWith('_test.go') || !/Transport/.test(text)) return false;
      const fn = code!.functionAround(file, line, true);
      return fn !== null && !/^(?:init|main|New\w*)$/.test(fn.name);
    });
    const first = made[0];
    return {
      fit: 0.95,
      title: 'Connections of the HTTP client gather',
      ...(first ? { location: { file: first.file, line: first.line, role: 'adds' as const } } : {}),
      reasons: first ? ['the source makes a transport in a function that runs more than once'] : [],
      against: ['a pool that keeps idle connections grows with load too, up to its limit'],
      remedy: {
        summary:
          'Use one http.Client and one http.Transport for all requests, with a limit and a timeout for idle connections.',
        example: 'var client = &http.Client{Timeout: 10 * time.Second}',
      },
    };
  },
};
