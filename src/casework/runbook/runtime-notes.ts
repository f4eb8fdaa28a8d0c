import type { Runtime } from '../../sources/processes/recognise.ts';
import { GO } from './runtimes/go.ts';
import { NODE } from './runtimes/node.ts';
import { PYTHON } from './runtimes/python.ts';
import { RUBY } from './runtimes/ruby.ts';
import type { StepId } from './step.ts';

/** Something that a step needs in one runtime, or that must not be done in it. */
export interface RuntimeNote {
  readonly step: StepId;
  /** `do` helps · `never` makes the incident worse or destroys evidence · `know` is good to know. */
  readonly kind: 'do' | 'never' | 'know';
  readonly text: string;
  /** With `<target>`, `<case>` and `<source>`, which are filled in where they are known. */
  readonly command?: string;
}

const NOTES: Readonly<Partial<Record<Runtime, readonly RuntimeNote[]>>> = {
  node: NODE,
  go: GO,
  ruby: RUBY,
  python: PYTHON,
};

export function notesOf(runtime: Runtime | null): readonly RuntimeNote[] {
  return runtime === null ? [] : (NOTES[runtime] ?? []);
}
