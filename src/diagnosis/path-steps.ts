import type { PathStepView } from '../model/finding.ts';

const MAX_STEPS = 14;

/** The first step of a path for people. */
export function rootStep(node: string, start: number): PathStepView {
  return {
    node,
    via: '',
    leaking: 'no',
    why: start > 2 ? `root; ${start - 2} ${start === 3 ? 'step' : 'steps'} of the runtime left out` : 'root',
  };
}

/** Labels the steps of one path, from the root on: was there, new, or held by what is new. */
export function stepLabels(
  isOld: Uint8Array | null,
): (node: number) => { leaking: PathStepView['leaking']; why: string } {
  let wasLeaking = false;
  return (node) => {
    if (isOld === null) return { leaking: 'unknown', why: 'no identity across these dumps' };
    if (isOld[node] === 1) return { leaking: 'no', why: 'was there in the first dump' };
    const why = wasLeaking ? 'held by the step before' : 'new since the first dump';
    wasLeaking = true;
    return { leaking: 'yes', why };
  };
}

/** A long path with its middle left out. */
export function shortened(views: readonly PathStepView[]): PathStepView[] {
  if (views.length <= MAX_STEPS) return [...views];
  const folded: PathStepView = {
    node: `… ${views.length - MAX_STEPS + 1} more steps`,
    via: '',
    leaking: 'unknown',
    why: 'left out here',
  };
  return [...views.slice(0, 3), folded, ...views.slice(-(MAX_STEPS - 4))];
}
