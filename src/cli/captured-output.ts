import type { Output } from './output.ts';

/** An output that keeps what is written, for tests. */
export interface CapturedOutput extends Output {
  readonly results: () => string;
  readonly messages: () => string;
}

export function capturedOutput(changes: Partial<Output> = {}): CapturedOutput {
  let results = '';
  let messages = '';
  return {
    result: (text) => {
      results += text;
    },
    message: (text) => {
      messages += text;
    },
    colours: false,
    messageColours: false,
    width: 100,
    showsProgress: false,
    stdin: (async function* () {})(),
    ...changes,
    results: () => results,
    messages: () => messages,
  };
}
